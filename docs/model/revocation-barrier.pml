/* Once a revoke has been answered, no node accepts the key.
 *
 * One key, one revoke, N nodes that answer from memory, one database. Nothing counts from an epoch: a clock is a timer
 * that stops at its end, a generation or a beat is "has it moved since". So the search ends, although time, renewals,
 * registrations and requests do not. A step is one statement on the database, one critical section of a node or one look
 * at a clock; between two steps anything else may happen, and any number of ticks may pass.
 *
 * Without a switch it is the protocol as it stands. M1 and on take one rule away each; README.md has the table. */

#ifndef N
#define N 1                         /* nodes */
#endif
#ifndef ASKED
#define ASKED N                     /* nodes that requests come to; of the others there is only what the waiter sees */
#endif
#ifndef REQUESTS
#define REQUESTS 2                  /* requests at a time on a node, 1 or 2 */
#endif
#ifndef L
#define L 2                         /* a lease, in ticks */
#endif
#ifdef M3
#define D (L - 1)                   /* what the waiter waits; the drift of clocks is folded in */
#else
#define D L
#endif
#if defined(EXTEND_FIRST) && !defined(BOUND)
#define NO_BOUND                    /* a renewal that extends before it applies leaves no bound to wait for */
#endif

/* The database. Of a lease's row: is it there, does it acknowledge the revoke, is its beat the one that the waiter noted. */
bit revoked;
bit row[N], acked[N], sameBeat[N];

/* A node: what is left of its lease, what has gone by since t0, and whether it holds the key, as good, in memory. */
byte left[N], sinceT0[N];
bit held[N];

/* A node's reads of the key, one a request: is it in flight, has the generation moved since, has the other request joined. */
bit flying[2 * N], moved[2 * N], joined[2 * N], joinedBarred[2 * N];

/* The waiter: what has gone by since the commit, and since it noted a row's beat; its answer. */
byte sinceCommit = D, still[N];
bit noted[N];
bit answered;
#ifdef M14
byte sinceLook;
#endif

/* A request is barred, and may not be accepted, if the revoke had been answered when it began;
 * with S2 also if a request that was refused had ended on the same node. */
#ifdef S2
bit refused[N];
#define BARRED(n) (answered || refused[n])
#else
#define BARRED(n) answered
#endif

inline finish(n, accepted, wasBarred) {
    assert(!(accepted && wasBarred));
#ifdef S2
    refused[n] = refused[n] || !accepted
#endif
}

inline moveGeneration(n) { moved[2 * n] = flying[2 * n]; moved[2 * n + 1] = flying[2 * n + 1] }
inline forget(n) { held[n] = 0; moveGeneration(n) }
inline land(f) { flying[f] = 0; moved[f] = 0; joined[f] = 0; joinedBarred[f] = 0 }

inline countDown(timer) { timer = (timer > 0 -> timer - 1 : 0) }
inline countUp(timer, end) { timer = (timer < end -> timer + 1 : end) }

proctype Time() {
    byte n;
    do
    :: d_step {
           for (n : 0 .. N - 1) {
               if
               :: n < ASKED ->
#ifndef M8
                      countDown(left[n]);
#endif
                      countUp(sinceT0[n], L)
               :: else
               fi;
               if :: noted[n] -> countUp(still[n], D) :: else fi
           }
           n = 0;
#ifdef M14
           countUp(sinceLook, D);
#endif
           countUp(sinceCommit, D)
       }
    od
}

/* What the log says is forgotten; if rows of the log are missing, everything is: with one key, the same step. */
inline apply() {
    if
#ifdef M16
    :: head && !applied -> held[n] = 0; d_step { moveGeneration(n); applied = 1; head = 0 }
#else
    :: d_step { head && !applied -> forget(n); applied = 1; head = 0 }
#endif
#ifdef M5
    :: d_step { head && !applied -> applied = 1; head = 0 }
#endif
    :: d_step { !(head && !applied) -> head = 0 }
    fi
}

inline extend() {
    d_step {
#ifdef M1
        left[n] = L;
#else
        left[n] = L - sinceT0[n];
#endif
        sinceT0[n] = L; there = 0
    }
}

/* A node's own steps, never two at a time. */
proctype Node(byte n) {
    bit applied, sending, head, there;

register:
    atomic {
        sinceT0[n] = 0;
#ifdef M10
        forget(n)
#endif
    }
#ifdef M11
    head = revoked;
#endif
    d_step { row[n] = 1; acked[n] = applied; sameBeat[n] = 0 }  /* the insert, under a new id */
#ifndef M11
    head = revoked;                                             /* and in a later statement the log */
#endif
#ifdef M10
    d_step { applied = head; head = 0 }
#else
    apply();
#endif
#ifndef M21
    d_step { moveGeneration(n) }
#endif
#ifdef REACH_KEPT
    assert(!held[n]);
#endif
    extend();

    do
    /* A renewal. Its snapshot, which the head comes from, may be older than the row that it changes. */
    :: d_step { sinceT0[n] = 0; sending = applied }
       head = revoked;
       d_step {
#ifdef M9
           row[n] = 1;
#endif
           there = row[n];
           if
           :: there ->
                  sameBeat[n] = 0;
#ifdef M7
                  acked[n] = head
#else
                  acked[n] = sending
#endif
           :: else
           fi;
           sending = 0
       }
       if
       :: there ->                                              /* the answer comes */
#ifdef EXTEND_FIRST
              extend();
              apply()
#else
              apply();
              extend()
#endif
       :: there ->                                              /* the answer is lost */
              d_step { sinceT0[n] = L; head = 0; there = 0 }
       :: !there ->                                             /* the row is gone */
              d_step {
                  sinceT0[n] = L; head = 0;
#ifndef M22
                  left[n] = 0;
#endif
#ifndef M21
                  moveGeneration(n)
#endif
              }
              goto register
       fi

    /* The log, read after a notification or of the node's own accord; or the notification says it. */
    :: revoked && !applied -> head = 1; apply()

    /* An acknowledgement alone, of what a notification told in full: the beat stays, and the lease. */
#ifdef M26
    :: d_step { revoked && row[n] && !acked[n] -> acked[n] = 1 }
#else
    :: d_step { applied && row[n] && !acked[n] -> acked[n] = 1 }
#endif

    /* A stop and a start. That the memory outlives it, and that no row is left over, is worse than the truth. */
    ::
#ifdef M17
       row[n] = 0;
       left[n] = 0;
#else
       left[n] = 0;
       row[n] = 0;
#endif
       goto register
    od
}

/* A renewal that the node has given up may still run: the beat moves, and an older acknowledgement is written. */
proctype Late(byte n) {
    do
    :: d_step { row[n] && (acked[n] || sameBeat[n]) -> acked[n] = 0; sameBeat[n] = 0 }
    od
}

#ifdef M2
#define FRESH(f) true
#else
#define FRESH(f) !moved[f]
#endif
#ifdef M12
#define JOINABLE(f) flying[f]
#else
#define JOINABLE(f) (flying[f] && !moved[f])
#endif
#ifdef S2
#define MAY_FLY !JOINABLE(other)    /* single flight always, not only when it suits */
#else
#define MAY_FLY true
#endif
#ifdef M15
#define HELD hit
#else
#define HELD held[n]
#endif

inline finishRead() {
    finish(n, good, barred);
    if :: joined[me] -> finish(n, good, joinedBarred[me]) :: else fi
}

proctype Request(byte n; byte me; byte other) {
    bit good, barred, hit;
    do
    ::                                                          /* within the lease; then in memory, in that order */
#ifdef M15
       hit = held[n];
#endif
       d_step { left[n] > 0 -> barred = BARRED(n) }
       if
       :: d_step { HELD -> finish(n, 1, barred); barred = 0; hit = 0 }
       :: d_step { !HELD && JOINABLE(other) -> joined[other] = 1; joinedBarred[other] = barred; barred = 0 }
          !joined[other]
       :: d_step { !HELD && MAY_FLY -> flying[me] = 1 }
#ifdef M18
          if :: good = !revoked :: good = 1 fi;
#else
          good = !revoked;
#endif
#ifdef M19
          moved[me] = 0;
#endif
          d_step {
              if :: good && FRESH(me) -> held[n] = 1 :: else fi;
#ifdef REACH_JOIN
              assert(!(joined[me] && good));
#endif
#ifdef REACH_AFTER
              assert(!barred);
#endif
              if
#ifndef M24
              :: moved[me]                                      /* asked again: as the next request, which is barred no less */
              :: moved[me] -> forget(n); finishRead()           /* or that was the last time */
              :: !moved[me] -> finishRead()
#else
              :: finishRead()
#endif
              fi;
              land(me); good = 0; barred = 0
          }
       fi

    :: d_step { left[n] == 0 -> barred = BARRED(n) }            /* past it: the database answers, and nothing is kept */
#ifdef M23
       flying[me] = 1;
#endif
       good = !revoked;
       d_step {
#ifdef M23
           if :: good && FRESH(me) -> held[n] = 1 :: else fi;
           if :: joined[me] -> finish(n, good, joinedBarred[me]) :: else fi;
           land(me);
#endif
#ifndef M25
           forget(n);
#endif
           finish(n, good, barred);
           good = 0; barred = 0
       }
    od
}

inline noNote(n) { noted[n] = 0; sameBeat[n] = 0; still[n] = 0 }

/* The revoke: the commit, then the barrier. */
proctype Waiter() {
    byte n;
    bit open, fenced, passed[N];

#ifdef M13
    sinceCommit = 0;
    revoked = 1;
#elif !defined(M20)
    d_step { revoked = 1; sinceCommit = 0 }
#endif

    do
    ::
#ifdef M14
       sinceLook = 0;
#endif
       d_step {                                                 /* a look at the rows */
           open = 0;
           for (n : 0 .. N - 1) {
               if
               :: row[n] && !acked[n] && !passed[n] ->
                      open = 1;
                      if
                      :: !noted[n] || !sameBeat[n] ->
                             noted[n] = 1; sameBeat[n] = 1;
#ifdef M14
                             still[n] = sinceLook
#else
                             still[n] = 0
#endif
                      :: else
                      fi
               :: else -> noNote(n)
               fi
           }
           n = 0;
           if :: open -> fenced = 0 :: else fi
       }
       if
       :: !open -> break
#if !defined(NO_BOUND) && !defined(M20)
       :: sinceCommit == D -> break
#endif
       :: true                                                  /* the row of a node that is not modelled may be open */
       fi;
       for (n : 0 .. N - 1) {                                   /* the fence */
           if
           :: noted[n] && still[n] == D ->
                  d_step {
                      if
#if defined(M6)
                      :: passed[n] = 1
#elif defined(M4)
                      :: row[n] = 0; fenced = 1
#else
                      :: row[n] && sameBeat[n] -> row[n] = 0; fenced = 1
#endif
                      :: else
                      fi
                  }
           :: else
           fi
       }
       n = 0
    od;

#ifdef M20
    revoked = 1;
#endif
#ifdef REACH_ACK
    assert(open || fenced || !(row[0] && acked[0]));
#endif
#ifdef REACH_FENCE
    assert(open || !fenced);
#endif
#ifdef REACH_BOUND
    assert(!open);
#endif
    atomic {
        answered = 1;
        open = 0; fenced = 0; sinceCommit = D;                  /* nobody looks at these any more: fewer states */
        for (n : 0 .. N - 1) { noNote(n) }
        n = 0
    }
}

init {
    byte n;
    atomic {
        run Time();
        run Waiter();
        for (n : 0 .. N - 1) {
            run Node(n);
            run Late(n);
            if :: n < ASKED -> run Request(n, 2 * n, 2 * n + 1) :: else fi;
            if :: n < ASKED && REQUESTS == 2 -> run Request(n, 2 * n + 1, 2 * n) :: else fi
        }
        n = 0
    }
}
