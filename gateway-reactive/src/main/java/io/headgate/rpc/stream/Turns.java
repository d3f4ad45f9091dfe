package io.headgate.rpc.stream;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is, for each upload, and who has asked for it last. An upload is that caller's: what others have not sent yet is
 * refused, however late it comes. Of uploads that nothing is done with the last {@value #REMEMBERED} are remembered; of one that
 * was forgotten, whoever comes first is taken for the last.
 */
final class Turns {

    static final int REMEMBERED = 1024;

    private final Map<String, Turn> current = new HashMap<>();
    private final Map<String, Attempt> last = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Attempt> eldest) {
            return size() > REMEMBERED;
        }
    };

    /**
     * Begins a turn, or says which one has to end before.
     *
     * @param asks whether it may take the upload over from another caller
     */
    synchronized @Nullable Turn enter(Turn turn, boolean asks) {
        String id = turn.upload().id();
        Turn before = current.get(id);
        boolean takesOver = asks && !turn.hasAsked();
        if (takesOver && before != null && before.isCarriedOutForAnother(turn)) {
            throw UploadFaults.carriedOut(turn.upload());
        }
        check(turn, takesOver);
        turn.markAsked();
        last.put(id, turn.attempt());
        if (before == null) {
            current.put(id, turn);
        }
        return before;
    }

    /** From here on the upload is not taken over any more: the handler is called, and what it does cannot be taken back. */
    synchronized void carryOut(Turn turn) {
        check(turn, false);
        turn.markCarriedOut();
    }

    private void check(Turn turn, boolean takesOver) {
        Attempt known = last.get(turn.upload().id());
        if (known == null) {
            return;
        }
        boolean same = turn.attempt().isOfSameCaller(known);
        if (!same && !takesOver) {
            throw UploadFaults.takenOver(turn.upload());
        }
        if (same && turn.attempt().number() < known.number()) {
            throw UploadFaults.cut(turn.upload());
        }
    }

    synchronized void leave(Turn turn) {
        current.remove(turn.upload().id(), turn);
    }

    synchronized int underWay() {
        return current.size();
    }

    synchronized int remembered() {
        return last.size();
    }
}
