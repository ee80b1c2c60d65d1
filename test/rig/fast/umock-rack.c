/*
 * A rack of USB devices that only preloaded programs see. Owns one umockdev testbed, takes commands on stdin, one a
 * line, and answers each with `ok` or `error TEXT`; the first line it prints is `root DIR`. Ends with its stdin.
 *
 *   hub PATH                                              a hub, `1-1`, or the root hub of one more bus, `usb2`; `usb1` is
 *                                                         there from the start
 *   add PATH VID PID SERIAL INTERFACES SOCKET             SERIAL `-`: none; INTERFACES `060101,ff4201`; SOCKET `-`: none
 *   remove PATH
 *
 * The first bulk transfer of a program connects to SOCKET. Out: the bytes as they are. In: transfers, each as a 32-bit
 * little-endian length and its bytes, because a transfer is what one read of the host gets.
 *
 * ioctls come in on a thread of umockdev, commands on the main one: everything here is under one lock.
 */
#include "rack.h"

static UMockdevTestbed *testbed;
static GHashTable *devices; /* path -> Device */
static GRecMutex lock;
static guint last_number[8]; /* by bus */

void rack_lock(void) { g_rec_mutex_lock(&lock); }
void rack_unlock(void) { g_rec_mutex_unlock(&lock); }

static gboolean is_root(const gchar *path) { return strncmp(path, "usb", 3) == 0; }

static guint bus_of(const gchar *path) { return strtoul(is_root(path) ? path + 3 : path, NULL, 10); }

static gboolean number_taken(guint bus, guint number)
{
    GHashTableIter each;
    gpointer path, device;
    g_hash_table_iter_init(&each, devices);
    while (g_hash_table_iter_next(&each, &path, &device))
        if (bus_of(path) == bus && usb_device_number(device) == number)
            return TRUE;
    return FALSE;
}

/* USB addresses end at 127 and a new one is taken before an old one comes again, as the kernel does it. 1: the root. */
static guint next_number(guint bus)
{
    guint *last = &last_number[bus];
    do
        *last = *last < 2 || *last >= 127 ? 2 : *last + 1;
    while (number_taken(bus, *last));
    return *last;
}

static gchar *node_of(const gchar *path, guint number)
{
    return g_strdup_printf("/dev/bus/usb/%03u/%03u", bus_of(path), number);
}

static gchar *sysfs_of(const gchar *path)
{
    GString *sysfs = g_string_new(NULL);
    g_string_printf(sysfs, "/devices/pci0000:00/0000:00:14.0/usb%u", bus_of(path));
    for (const gchar *end = strpbrk(path, "."); *path && !is_root(path); end = strchr(end + 1, '.')) {
        gchar *part = end ? g_strndup(path, end - path) : g_strdup(path);
        g_string_append_printf(sysfs, "/%s", part);
        g_free(part);
        if (!end)
            break;
    }
    return g_string_free(sysfs, FALSE);
}

static gchar *hex(const GByteArray *bytes)
{
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < bytes->len; i++)
        g_string_append_printf(text, "%02X", bytes->data[i]);
    return g_string_free(text, FALSE);
}

static gboolean appear(const gchar *path, const Description *what, GError **error)
{
    guint bus = bus_of(path), number = is_root(path) ? 1 : next_number(bus);
    /* 128 minor numbers a bus, as the kernel gives them out. */
    guint minor = (bus - 1) * 128 + number - 1;
    Device *device = usb_device_new(number, what);
    gchar *sysfs = sysfs_of(path), *node = node_of(path, number);
    GByteArray *descriptors = usb_descriptors(what);
    gchar *raw = hex(descriptors);
    GString *text = g_string_new(NULL);
    g_string_append_printf(text, "P: %s\nN: %s=%s\n", sysfs, node + 5, raw);
    g_string_append_printf(text, "E: DEVNAME=%s\nE: DEVTYPE=usb_device\nE: SUBSYSTEM=usb\nE: DRIVER=usb\n", node);
    g_string_append_printf(text, "E: BUSNUM=%03u\nE: DEVNUM=%03u\nE: MAJOR=189\nE: MINOR=%u\n", bus, number, minor);
    g_string_append_printf(text, "E: PRODUCT=%x/%x/510\n", what->vendor, what->product);
    g_string_append_printf(text, "A: busnum=%u\\n\nA: devnum=%u\\n\nA: dev=189:%u\\n\n", bus, number, minor);
    g_string_append_printf(text, "A: idVendor=%04x\\n\nA: idProduct=%04x\\n\n", what->vendor, what->product);
    g_string_append_printf(text, "A: bcdDevice=0510\\n\nA: bDeviceClass=%02x\\n\n", what->hub ? 9 : 0);
    g_string_append(text, "A: bConfigurationValue=1\\n\nA: bNumConfigurations=1\\n\nA: speed=480\\n\n");
    if (what->serial)
        g_string_append_printf(text, "A: serial=%s\\n\n", what->serial);
    g_string_append_printf(text, "H: descriptors=%s\n\n", raw);
    /* The handler first, so that whoever opens the node finds it. */
    gboolean done = umockdev_testbed_attach_ioctl(testbed, node, UMOCKDEV_IOCTL_BASE(device), error);
    if (done) {
        /* Adding sends the event; those that hear it may ask at once. */
        g_hash_table_insert(devices, g_strdup(path), device);
        done = umockdev_testbed_add_from_string(testbed, text->str, error);
    }
    g_string_free(text, TRUE);
    g_byte_array_unref(descriptors);
    g_free(raw);
    g_free(node);
    g_free(sysfs);
    return done;
}

static gboolean vanish(const gchar *path, GError **error)
{
    Device *device = g_hash_table_lookup(devices, path);
    if (!device)
        return FALSE;
    gchar *under = sysfs_of(path), *sysfs = g_strconcat("/sys", under, NULL);
    gchar *node = node_of(path, usb_device_number(device));
    gchar *root = umockdev_testbed_get_root_dir(testbed), *file = g_strconcat(root, node, NULL);
    umockdev_testbed_uevent(testbed, sysfs, "remove");
    umockdev_testbed_remove_device(testbed, sysfs);
    unlink(file);
    usb_device_left(device);
    gboolean done = umockdev_testbed_detach_ioctl(testbed, node, error);
    /* The device itself stays in memory: programs that hold it open are still to be told that it left. */
    g_hash_table_remove(devices, path);
    g_free(file);
    g_free(root);
    g_free(node);
    g_free(sysfs);
    g_free(under);
    return done;
}

static gboolean obey(gchar **words, GError **error)
{
    guint count = g_strv_length(words), bus = count > 1 ? bus_of(words[1]) : 0;
    gboolean known = bus > 0 && g_hash_table_contains(devices, words[1]);
    if (bus < 1 || bus >= G_N_ELEMENTS(last_number))
        return FALSE;
    if (count == 2 && g_str_equal(words[0], "hub") && !known) {
        Description hub = {.vendor = 0x1d6b, .product = 2, .hub = TRUE};
        return appear(words[1], &hub, error);
    }
    if (count == 7 && g_str_equal(words[0], "add") && !known) {
        Description what = {
            .vendor = strtoul(words[2], NULL, 16),
            .product = strtoul(words[3], NULL, 16),
            .serial = g_str_equal(words[4], "-") ? NULL : words[4],
            .interfaces = words[5],
            .socket = g_str_equal(words[6], "-") ? NULL : words[6],
        };
        return appear(words[1], &what, error);
    }
    if (count == 2 && g_str_equal(words[0], "remove") && known)
        return vanish(words[1], error);
    return FALSE;
}

static gpointer read_commands(gpointer loop)
{
    gchar line[4096];
    while (fgets(line, sizeof line, stdin)) {
        GError *error = NULL;
        gchar **words = g_strsplit(g_strstrip(line), " ", 0);
        gboolean done = obey(words, &error);
        printf(done ? "ok\n" : "error %s\n", error ? error->message : "not a command that can be obeyed now");
        fflush(stdout);
        g_clear_error(&error);
        g_strfreev(words);
    }
    g_main_loop_quit(loop);
    return NULL;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    testbed = umockdev_testbed_new();
    devices = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GError *error = NULL;
    Description root = {.vendor = 0x1d6b, .product = 2, .hub = TRUE};
    if (!appear("usb1", &root, &error)) {
        fprintf(stderr, "umock-rack: %s\n", error ? error->message : "no root hub");
        return 70;
    }
    printf("root %s\n", umockdev_testbed_get_root_dir(testbed));
    fflush(stdout);
    GMainLoop *loop = g_main_loop_new(NULL, FALSE);
    GThread *commands = g_thread_new("commands", read_commands, loop);
    g_main_loop_run(loop);
    g_thread_join(commands);
    g_object_unref(testbed);
    return 0;
}
