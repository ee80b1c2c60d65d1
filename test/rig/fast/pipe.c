#include "rack.h"
#include <sys/socket.h>
#include <sys/un.h>

struct _Pipe {
    int fd;
    guint readable, writable;
    gboolean gone;
    GByteArray *out, *in;
    gsize start; /* of what was not taken yet, in `in` */
    void (*ready)(gpointer);
    gpointer owner;
};

enum { PIECE = 1 << 16, HEAD = 4 };

static gboolean on_readable(gint fd, GIOCondition condition, gpointer data)
{
    Pipe *pipe = data;
    (void)condition;
    static guint8 piece[PIECE];
    rack_lock();
    ssize_t got = read(fd, piece, sizeof piece);
    if (got > 0)
        g_byte_array_append(pipe->in, piece, got);
    gboolean again = got < 0 && (errno == EAGAIN || errno == EINTR);
    pipe->gone = got <= 0 && !again;
    if (pipe->gone)
        pipe->readable = 0;
    gboolean stay = !pipe->gone;
    rack_unlock();
    pipe->ready(pipe->owner);
    return stay;
}

/* TRUE while there is more to send. */
static gboolean flush(Pipe *pipe)
{
    while (pipe->out->len > 0) {
        ssize_t sent = send(pipe->fd, pipe->out->data, pipe->out->len, MSG_NOSIGNAL);
        if (sent < 0 && (errno == EAGAIN || errno == EINTR))
            return TRUE;
        if (sent < 0)
            return FALSE; /* reading tells that it is gone */
        g_byte_array_remove_range(pipe->out, 0, sent);
    }
    return FALSE;
}

static gboolean on_writable(gint fd, GIOCondition condition, gpointer data)
{
    Pipe *pipe = data;
    (void)fd;
    (void)condition;
    rack_lock();
    gboolean more = flush(pipe);
    if (!more)
        pipe->writable = 0;
    rack_unlock();
    return more;
}

Pipe *pipe_open(const gchar *socket_path, void (*ready)(gpointer), gpointer owner)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    g_strlcpy(address.sun_path, socket_path, sizeof address.sun_path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return NULL;
    }
    g_unix_set_fd_nonblocking(fd, TRUE, NULL);
    Pipe *pipe = g_new0(Pipe, 1);
    *pipe = (Pipe){.fd = fd, .out = g_byte_array_new(), .in = g_byte_array_new(), .ready = ready, .owner = owner};
    pipe->readable = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP, on_readable, pipe);
    return pipe;
}

void pipe_send(Pipe *pipe, const guint8 *bytes, gsize length)
{
    g_byte_array_append(pipe->out, bytes, length);
    if (flush(pipe) && !pipe->writable)
        pipe->writable = g_unix_fd_add(pipe->fd, G_IO_OUT, on_writable, pipe);
}

gssize pipe_take(Pipe *pipe, guint8 *into, gsize limit)
{
    guint32 head;
    guint8 *at = pipe->in->data + pipe->start;
    gsize here = pipe->in->len - pipe->start;
    if (here >= HEAD)
        memcpy(&head, at, HEAD);
    if (here < HEAD || here - HEAD < GUINT32_FROM_LE(head))
        return pipe->gone ? -2 : -1;
    gsize whole = GUINT32_FROM_LE(head), length = MIN(limit, whole);
    memcpy(into, at + HEAD, length);
    pipe->start += length;
    if (length < whole) {
        /* The rest of the transfer gets a head of its own, in the place of what was taken. */
        head = GUINT32_TO_LE(whole - length);
        memcpy(at + length, &head, HEAD);
    } else {
        pipe->start += HEAD;
    }
    if (pipe->start == pipe->in->len) {
        g_byte_array_set_size(pipe->in, 0);
        pipe->start = 0;
    }
    return length;
}

/* Runs on the main thread, so that no callback of this pipe is under way. */
static gboolean release(gpointer data)
{
    Pipe *pipe = data;
    if (pipe->readable)
        g_source_remove(pipe->readable);
    if (pipe->writable)
        g_source_remove(pipe->writable);
    close(pipe->fd);
    g_byte_array_unref(pipe->in);
    g_byte_array_unref(pipe->out);
    g_free(pipe);
    return G_SOURCE_REMOVE;
}

void pipe_close(Pipe *pipe)
{
    shutdown(pipe->fd, SHUT_RDWR);
    g_idle_add(release, pipe);
}
