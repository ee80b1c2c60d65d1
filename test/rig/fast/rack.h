#pragma once
#include <errno.h>
#include <glib-unix.h>
#include <glib.h>
#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <umockdev-1.0/umockdev.h>
#include <unistd.h>

typedef struct _Device Device;
typedef struct _Pipe Pipe;

/* What the descriptors of a device say, and where its bulk transfers go. */
typedef struct {
    guint vendor, product;
    const gchar *serial;     /* NULL: no iSerialNumber */
    const gchar *interfaces; /* class, subclass, protocol in hex each, `060101,ff4201`; NULL: none */
    const gchar *socket;     /* NULL: nothing answers */
    gboolean hub;
} Description;

/* One lock for all, which may be taken again by its holder; held by whoever touches a Device or a Pipe. */
void rack_lock(void);
void rack_unlock(void);

/* descriptors.c: device descriptor and configuration, and string descriptors, which are empty where there is none. */
GByteArray *usb_descriptors(const Description *what);
GByteArray *usb_string(const gchar *serial, guint index);

/* usb-device.c: one device and the usbfs ioctls of the programs that opened it. */
Device *usb_device_new(guint number, const Description *what);
guint usb_device_number(Device *device);
void usb_device_left(Device *device);

/* pipe.c: bulk transfers as bytes on a unix socket. `ready` is called without the lock. */
Pipe *pipe_open(const gchar *socket, void (*ready)(gpointer), gpointer owner);
void pipe_send(Pipe *pipe, const guint8 *bytes, gsize length);
/* Takes what is left of the front transfer, at most `limit`; -1: none has come yet, -2: the other end is gone. */
gssize pipe_take(Pipe *pipe, guint8 *into, gsize limit);
void pipe_close(Pipe *pipe);
