#include "rack.h"

/* String descriptors by index: 1 and 2 are maker and product. */
enum { SERIAL_INDEX = 3 };

static void put(GByteArray *to, const guint8 *bytes, guint length) { g_byte_array_append(to, bytes, length); }

static void put_interface(GByteArray *to, guint number, const gchar *codes)
{
    guint code = strtoul(codes, NULL, 16);
    gboolean hub = code == 0x090000;
    guint8 face[] = {9, 4, number, 0, hub ? 1 : 2, code >> 16, code >> 8 & 0xff, code & 0xff, 0};
    /* Addresses of its own for each interface; 512 bytes is what bulk has at high speed. */
    guint8 in[] = {7, 5, 0x81 + number, hub ? 3 : 2, hub ? 1 : 0, hub ? 0 : 2, hub ? 12 : 0};
    guint8 out[] = {7, 5, 0x01 + number, 2, 0, 2, 0};
    put(to, face, sizeof face);
    put(to, in, sizeof in);
    if (!hub)
        put(to, out, sizeof out);
}

GByteArray *usb_descriptors(const Description *what)
{
    GByteArray *all = g_byte_array_new(), *faces = g_byte_array_new();
    gchar **codes = g_strsplit(what->hub ? "090000" : what->interfaces ? what->interfaces : "", ",", 0);
    guint count = g_strv_length(codes);
    for (guint i = 0; i < count; i++)
        put_interface(faces, i, codes[i]);
    guint total = 9 + faces->len;
    guint8 device[] = {18, 1, 0x00, 0x02, what->hub ? 9 : 0, 0, what->hub ? 1 : 0, 64,
                       what->vendor & 0xff, what->vendor >> 8, what->product & 0xff, what->product >> 8,
                       0x10, 0x05, 1, 2, what->serial ? SERIAL_INDEX : 0, 1};
    guint8 configuration[] = {9, 2, total & 0xff, total >> 8, count, 1, 0, 0x80, 250};
    put(all, device, sizeof device);
    put(all, configuration, sizeof configuration);
    put(all, faces->data, faces->len);
    g_byte_array_unref(faces);
    g_strfreev(codes);
    return all;
}

GByteArray *usb_string(const gchar *serial, guint index)
{
    GByteArray *all = g_byte_array_new();
    const gchar *text = index == 1 ? "Maker" : index == 2 ? "Handset" : index == SERIAL_INDEX ? serial : NULL;
    if (index == 0) {
        guint8 languages[] = {4, 3, 0x09, 0x04};
        put(all, languages, sizeof languages);
    } else if (text) {
        guint8 head[] = {2 + 2 * strlen(text), 3};
        put(all, head, sizeof head);
        for (; *text; text++) {
            guint8 letter[] = {*text, 0};
            put(all, letter, sizeof letter);
        }
    }
    return all;
}
