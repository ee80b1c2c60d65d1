#include "rack.h"

/* How long a blocking reap waits. The preload library lets no other ioctl of that file through meanwhile. */
enum { REAP_MS = 20 };

typedef struct {
    UMockdevIoctlClient *owner;
    UMockdevIoctlData *data, *buffer;
    guint8 type, endpoint;
    gsize length;
    gboolean done;
} Urb;

typedef struct {
    Device *device;
    UMockdevIoctlClient *client;
    guint timeout;
} Waiter;

struct _Device {
    UMockdevIoctlBase parent;
    guint number;
    gboolean left;
    gchar *serial, *socket;
    GByteArray *descriptors;
    GQueue urbs;
    GSList *waiters, *known;
    Pipe *pipe;
    UMockdevIoctlClient *pipe_owner;
};

typedef struct {
    UMockdevIoctlBaseClass parent;
} DeviceClass;

G_DEFINE_TYPE(Device, device, UMOCKDEV_TYPE_IOCTL_BASE)

static void done(Urb *urb, int status, int length)
{
    umockdev_ioctl_data_update(urb->data, offsetof(struct usbdevfs_urb, status), (guint8 *)&status, sizeof status);
    umockdev_ioctl_data_update(urb->data, offsetof(struct usbdevfs_urb, actual_length), (guint8 *)&length,
                               sizeof length);
    urb->done = TRUE;
}

static void forget(Device *device, Urb *urb)
{
    g_queue_remove(&device->urbs, urb);
    if (urb->buffer)
        umockdev_ioctl_data_unref(urb->buffer);
    umockdev_ioctl_data_unref(urb->data);
    g_free(urb);
}

static void close_pipe(Device *device)
{
    if (device->pipe)
        pipe_close(device->pipe);
    device->pipe = NULL;
    device->pipe_owner = NULL;
}

/* The file was closed: its transfers are dropped, and whoever opens the device next starts afresh. */
static void forget_client(Device *device, UMockdevIoctlClient *client)
{
    for (GList *each = device->urbs.head, *next; each; each = next) {
        next = each->next;
        if (((Urb *)each->data)->owner == client)
            forget(device, each->data);
    }
    if (device->pipe_owner == client)
        close_pipe(device);
}

static void on_client_finalized(gpointer data, GObject *client)
{
    Device *device = data;
    rack_lock();
    device->known = g_slist_remove(device->known, client);
    forget_client(device, (UMockdevIoctlClient *)client);
    rack_unlock();
}

/* umockdev does not tell of a program that died while an ioctl of its waited for an answer; it only drops the client. */
static void know(Device *device, UMockdevIoctlClient *client)
{
    if (g_slist_find(device->known, client))
        return;
    device->known = g_slist_prepend(device->known, client);
    g_object_weak_ref(G_OBJECT(client), on_client_finalized, device);
}

/* Fills what the host wants to read with what has come. */
static void fill(Device *device)
{
    for (GList *each = device->urbs.head; each; each = each->next) {
        Urb *urb = each->data;
        if (urb->done || urb->type != USBDEVFS_URB_TYPE_BULK || !(urb->endpoint & 0x80))
            continue;
        guint8 *bytes = g_malloc(urb->length + 1);
        gssize got = device->pipe && urb->owner == device->pipe_owner ? pipe_take(device->pipe, bytes, urb->length) : -1;
        if (got > 0)
            umockdev_ioctl_data_update(urb->buffer, 0, bytes, got);
        g_free(bytes);
        if (got >= 0)
            done(urb, 0, got);
        else if (got == -2)
            done(urb, -ESHUTDOWN, 0);
    }
}

/* Hands one finished transfer over, or says that the device left. FALSE: there is nothing to say yet. */
static gboolean reap(Device *device, UMockdevIoctlClient *client)
{
    if (device->left) {
        umockdev_ioctl_client_complete(client, -1, ENODEV);
        return TRUE;
    }
    for (GList *each = device->urbs.head; each; each = each->next) {
        Urb *urb = each->data;
        if (!urb->done || urb->owner != client)
            continue;
        UMockdevIoctlData *place = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0,
                                                               sizeof(void *), NULL);
        umockdev_ioctl_data_set_ptr(place, 0, urb->data);
        umockdev_ioctl_data_unref(place);
        umockdev_ioctl_client_complete(client, 0, 0);
        forget(device, urb);
        return TRUE;
    }
    return FALSE;
}

static void stop_waiting(Waiter *waiter)
{
    waiter->device->waiters = g_slist_remove(waiter->device->waiters, waiter);
    if (waiter->timeout)
        g_source_remove(waiter->timeout);
    g_object_unref(waiter->client);
    g_free(waiter);
}

static void serve_waiters(Device *device)
{
    for (GSList *each = device->waiters, *next; each; each = next) {
        next = each->next;
        if (reap(device, ((Waiter *)each->data)->client))
            stop_waiting(each->data);
    }
}

static gboolean on_timeout(gpointer data)
{
    rack_lock();
    /* Another thread may have ended the waiting between the timer and the lock. */
    if (!g_source_is_destroyed(g_main_current_source())) {
        Waiter *waiter = data;
        waiter->timeout = 0;
        umockdev_ioctl_client_complete(waiter->client, -1, EINTR);
        stop_waiting(waiter);
    }
    rack_unlock();
    return G_SOURCE_REMOVE;
}

static void on_pipe_ready(gpointer data)
{
    Device *device = data;
    rack_lock();
    fill(device);
    serve_waiters(device);
    rack_unlock();
}

/* One control transfer to the device itself; bytes of the answer, or -EPIPE for a request that it does not know. */
static gssize control(Device *device, const guint8 setup[8], guint8 *into)
{
    guint length = setup[6] | setup[7] << 8;
    if (setup[0] != 0x80 || setup[1] != 6)
        return setup[0] & 0x80 ? -EPIPE : 0;
    GByteArray *answer = setup[3] == 3 ? usb_string(device->serial, setup[2]) : g_byte_array_ref(device->descriptors);
    guint skip = setup[3] == 2 ? 18 : 0, limit = setup[3] == 1 ? 18 : answer->len - skip;
    gssize given = MIN(limit, length);
    if (setup[3] < 1 || setup[3] > 3 || limit == 0)
        given = -EPIPE;
    else
        memcpy(into, answer->data + skip, given);
    g_byte_array_unref(answer);
    return given;
}

/* Returns an errno. */
static int submit(Device *device, UMockdevIoctlClient *client)
{
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0,
                                                          sizeof(struct usbdevfs_urb), NULL);
    struct usbdevfs_urb *asked = (struct usbdevfs_urb *)data->data;
    Urb *urb = g_new0(Urb, 1);
    *urb = (Urb){.owner = client, .data = data, .type = asked->type, .endpoint = asked->endpoint};
    urb->length = asked->buffer_length;
    if (urb->length > 0)
        urb->buffer = umockdev_ioctl_data_resolve(data, offsetof(struct usbdevfs_urb, buffer), urb->length, NULL);
    g_queue_push_tail(&device->urbs, urb);
    know(device, client);
    if (urb->type == USBDEVFS_URB_TYPE_CONTROL) {
        guint8 answer[1 << 16];
        gssize given = control(device, urb->buffer->data, answer);
        if (given > 0)
            umockdev_ioctl_data_update(urb->buffer, 8, answer, given);
        done(urb, given < 0 ? given : 0, MAX(given, 0));
        return 0;
    }
    if (!device->pipe && device->socket) {
        device->pipe = pipe_open(device->socket, on_pipe_ready, device);
        device->pipe_owner = client;
    }
    gboolean mine = device->pipe && device->pipe_owner == client;
    if (!(urb->endpoint & 0x80)) {
        if (mine && urb->length > 0)
            pipe_send(device->pipe, urb->buffer->data, urb->length);
        done(urb, mine ? 0 : -EPIPE, mine ? (int)urb->length : 0);
    }
    fill(device);
    return 0;
}

static int discard(Device *device, UMockdevIoctlClient *client)
{
    gulong address = *(gulong *)umockdev_ioctl_client_get_arg(client)->data;
    for (GList *each = device->urbs.head; each; each = each->next) {
        Urb *urb = each->data;
        if (urb->owner != client || urb->done || urb->data->client_addr != address)
            continue;
        done(urb, -ENOENT, 0);
        return 0;
    }
    return EINVAL;
}

static void complete(UMockdevIoctlClient *client, int error)
{
    umockdev_ioctl_client_complete(client, error ? -1 : 0, error);
}

static void answer_control(Device *device, UMockdevIoctlClient *client)
{
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0,
                                                          sizeof(struct usbdevfs_ctrltransfer), NULL);
    struct usbdevfs_ctrltransfer *asked = (struct usbdevfs_ctrltransfer *)data->data;
    guint8 setup[8], answer[1 << 16];
    memcpy(setup, asked, sizeof setup);
    UMockdevIoctlData *buffer = asked->wLength == 0 ? NULL
        : umockdev_ioctl_data_resolve(data, offsetof(struct usbdevfs_ctrltransfer, data), asked->wLength, NULL);
    gssize given = control(device, setup, answer);
    if (given > 0 && buffer)
        umockdev_ioctl_data_update(buffer, 0, answer, given);
    umockdev_ioctl_client_complete(client, given < 0 ? -1 : given, given < 0 ? -given : 0);
    if (buffer)
        umockdev_ioctl_data_unref(buffer);
    umockdev_ioctl_data_unref(data);
}

static void wait_for_reap(Device *device, UMockdevIoctlClient *client)
{
    Waiter *waiter = g_new0(Waiter, 1);
    /* umockdev lets go of a client whose ioctl is not answered yet. */
    *waiter = (Waiter){.device = device, .client = g_object_ref(client)};
    waiter->timeout = g_timeout_add(REAP_MS, on_timeout, waiter);
    device->waiters = g_slist_prepend(device->waiters, waiter);
}

static void answer_capabilities(UMockdevIoctlClient *client)
{
    guint32 caps = USBDEVFS_CAP_ZERO_PACKET | USBDEVFS_CAP_NO_PACKET_SIZE_LIM;
    UMockdevIoctlData *data = umockdev_ioctl_data_resolve(umockdev_ioctl_client_get_arg(client), 0, sizeof caps, NULL);
    umockdev_ioctl_data_update(data, 0, (guint8 *)&caps, sizeof caps);
    umockdev_ioctl_data_unref(data);
    complete(client, 0);
}

static void answer(Device *device, UMockdevIoctlClient *client)
{
    gulong request = umockdev_ioctl_client_get_request(client);
    if (device->left) {
        complete(client, ENODEV);
        return;
    }
    switch (request) {
    case USBDEVFS_SUBMITURB:
        complete(client, submit(device, client));
        return;
    case USBDEVFS_REAPURB:
        if (!reap(device, client))
            wait_for_reap(device, client);
        return;
    case USBDEVFS_REAPURBNDELAY:
        if (!reap(device, client))
            complete(client, EAGAIN);
        return;
    case USBDEVFS_DISCARDURB:
        complete(client, discard(device, client));
        return;
    case USBDEVFS_CONTROL:
        answer_control(device, client);
        return;
    case USBDEVFS_GET_CAPABILITIES:
        answer_capabilities(client);
        return;
    case USBDEVFS_GETDRIVER:
        complete(client, ENODATA);
        return;
    case USBDEVFS_CLAIMINTERFACE:
    case USBDEVFS_RELEASEINTERFACE:
    case USBDEVFS_SETINTERFACE:
    case USBDEVFS_SETCONFIGURATION:
    case USBDEVFS_CLEAR_HALT:
    case USBDEVFS_RESETEP:
        complete(client, 0);
        return;
    default:
        complete(client, ENOTTY);
    }
}

static gboolean handle_ioctl(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
    rack_lock();
    answer((Device *)base, client);
    rack_unlock();
    return TRUE;
}

static void client_vanished(UMockdevIoctlBase *base, UMockdevIoctlClient *client)
{
    rack_lock();
    forget_client((Device *)base, client);
    rack_unlock();
}

static void device_class_init(DeviceClass *class)
{
    UMOCKDEV_IOCTL_BASE_CLASS(class)->handle_ioctl = handle_ioctl;
    UMOCKDEV_IOCTL_BASE_CLASS(class)->client_vanished = client_vanished;
}

static void device_init(Device *device) { g_queue_init(&device->urbs); }

Device *usb_device_new(guint number, const Description *what)
{
    Device *device = g_object_new(device_get_type(), NULL);
    device->number = number;
    device->serial = g_strdup(what->serial);
    device->socket = g_strdup(what->socket);
    device->descriptors = usb_descriptors(what);
    return device;
}

guint usb_device_number(Device *device) { return device->number; }

void usb_device_left(Device *device)
{
    rack_lock();
    device->left = TRUE;
    close_pipe(device);
    serve_waiters(device);
    rack_unlock();
}
