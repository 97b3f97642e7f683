/* An operating system's core in miniature: tasks with their own functions and packet queues, run by priority. */
#include "guest.h"

typedef struct Packet {
    struct Packet *next;
    uint32_t to, kind, value, data[4];
} Packet;
typedef struct Task Task;
struct Task {
    Task *next;
    uint32_t id, priority;
    Packet *inbox;
    bool held, waiting;
    void (*run)(Task *, Packet *);
    uint32_t count, state, other;
};
enum { DEVICE, WORK };

static Task tasks[6], *by_priority;
static uint64_t switches, trace, handled;
static uint32_t remaining;

static void append(Packet **list, Packet *p) {
    p->next = NULL;
    while (*list) list = &(*list)->next;
    *list = p;
}
static NOINLINE void send(Packet *p, uint32_t to) {
    p->to = to;
    append(&tasks[to].inbox, p);
    tasks[to].waiting = false;
}
/* Releases the two devices in a pattern from a shift register. */
static void idle(Task *t, Packet *p) {
    (void)p;
    if (--t->count == 0) {
        t->held = true;
        return;
    }
    bool odd = t->state & 1;
    t->state = t->state >> 1 ^ (odd ? 0xd008 : 0);
    tasks[odd ? 4 : 5].held = false;
}
/* Fills work packets with letters and sends them to the handlers in turn. */
static void worker(Task *t, Packet *p) {
    if (!p) {
        t->waiting = true;
        return;
    }
    t->state = t->state == 2 ? 3 : 2;
    p->value = 0;
    for (int i = 0; i < 4; i++) {
        t->count = t->count % 26 + 1;
        p->data[i] = 'A' + t->count - 1;
    }
    send(p, t->state);
}
/* Sends each letter of a work packet to a device through the device's own packets. */
static void handler(Task *t, Packet *p) {
    static Packet *work[6], *replies[6];
    if (p) append(p->kind == WORK ? &work[t->id] : &replies[t->id], p);
    Packet *w = work[t->id], *d = replies[t->id];
    if (w && w->value >= 4) {
        work[t->id] = w->next;
        handled++;
        if (remaining) remaining--, send(w, 1);
        return;
    }
    if (w && d) {
        replies[t->id] = d->next;
        d->value = w->data[w->value++];
        send(d, t->other);
        return;
    }
    t->waiting = true;
}
/* Holds a packet until released, then answers. */
static void device(Task *t, Packet *p) {
    static Packet *pending[6];
    if (p) {
        pending[t->id] = p;
        trace = mix(trace, p->value + t->id);
        t->held = true;
    } else if (pending[t->id]) {
        p = pending[t->id];
        pending[t->id] = NULL;
        send(p, t->other);
    } else {
        t->waiting = true;
    }
}
static NOINLINE void schedule(void) {
    Task *t = by_priority;
    while (t) {
        if (t->held || (t->waiting && !t->inbox)) {
            t = t->next;
            continue;
        }
        Packet *p = t->inbox;
        if (p) t->inbox = p->next;
        t->waiting = false;
        switches++;
        t->run(t, p);
        t = by_priority;
    }
}
static void create(uint32_t id, uint32_t priority, void (*run)(Task *, Packet *), uint32_t count, uint32_t state, uint32_t other) {
    Task **at = &by_priority;
    while (*at && (*at)->priority > priority) at = &(*at)->next;
    tasks[id] = (Task){*at, id, priority, NULL, false, true, run, count, state, other};
    *at = &tasks[id];
}

static uint64_t guest(int32_t scale) {
    static Packet packets[12];
    create(0, 0, idle, 2000u * (uint32_t)scale, 0x1d3, 0);
    create(1, 10, worker, 0, 2, 0);
    create(2, 20, handler, 0, 0, 4);
    create(3, 21, handler, 0, 0, 5);
    create(4, 40, device, 0, 0, 2);
    create(5, 41, device, 0, 0, 3);
    tasks[0].waiting = false;
    remaining = 1000000000;
    for (uint32_t i = 0; i < 6; i++) {
        packets[i].kind = DEVICE;
        append(&tasks[2 + i % 2].inbox, &packets[i]);
    }
    for (uint32_t i = 6; i < 10; i++) {
        packets[i].kind = WORK;
        append(&tasks[1].inbox, &packets[i]);
    }
    schedule();
    print("%llu switches, %llu packets handled\n", (unsigned long long)switches, (unsigned long long)handled);
    return mix(mix(trace, switches), handled);
}
