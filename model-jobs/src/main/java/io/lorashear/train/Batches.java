package io.lorashear.train;

import io.lorashear.InputException;
import io.lorashear.corpus.Sequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The batches of each step: a function of the step alone, so that a resumed run needs no other
 * state.
 */
public interface Batches {

  /** The micro-batches of step {@code step}, the first being 0. */
  List<Batch> of(long step);

  /**
   * Every sequence once per pass, in an order drawn anew for each pass; passes repeat without end.
   *
   * @param rows sequences per micro-batch
   * @param accumulate micro-batches per step
   */
  static Batches shuffled(List<Sequence> sequences, int rows, int accumulate, long seed) {
    return shuffled(sequences, rows, accumulate, seed, null);
  }

  /** The same, also with a teacher's predictions, if there is one. */
  static Batches shuffled(
      List<Sequence> sequences,
      int rows,
      int accumulate,
      long seed,
      @Nullable Distillation distillation) {
    return batches(
        sequences,
        rows,
        accumulate,
        distillation,
        new OncePerPass(pass -> drawn(sequences.size(), seed * 1_000_003 + pass)));
  }

  private static int[] drawn(int sequences, long seed) {
    var order = IntStream.range(0, sequences).toArray();
    var random = new Random(seed);
    for (int i = order.length - 1; i > 0; i--) {
      int other = random.nextInt(i + 1);
      int kept = order[i];
      order[i] = order[other];
      order[other] = kept;
    }
    return order;
  }

  /** Every sequence once per pass, in the order given; passes repeat without end. */
  static Batches inOrder(List<Sequence> sequences, int rows, int accumulate) {
    var order = IntStream.range(0, sequences.size()).toArray();
    return batches(sequences, rows, accumulate, null, pass -> order);
  }

  private static Batches batches(
      List<Sequence> sequences,
      int rows,
      int accumulate,
      @Nullable Distillation distillation,
      Order order) {
    if (sequences.isEmpty()) {
      throw new InputException("there is no sequence to train on: give a larger subset");
    }
    return step -> {
      var batches = new ArrayList<Batch>();
      long at = step * rows * accumulate;
      for (int micro = 0; micro < accumulate; micro++) {
        var drawn = new ArrayList<Sequence>();
        for (int row = 0; row < rows; row++, at++) {
          int place = (int) (at % sequences.size());
          drawn.add(sequences.get(order.of(at / sequences.size())[place]));
        }
        batches.add(Batch.of(drawn, distillation, step));
      }
      return batches;
    };
  }

  /** The order of the sequences in pass {@code pass}; callers do not change it. */
  interface Order {
    int[] of(long pass);
  }

  /**
   * An order that is made once for all rows of a pass; only that of the last pass is remembered.
   */
  final class OncePerPass implements Order {
    private final Order order;
    private long pass = -1;
    private int[] made = {};

    OncePerPass(Order order) {
      this.order = order;
    }

    @Override
    public synchronized int[] of(long asked) {
      if (asked != pass) {
        made = order.of(asked);
        pass = asked;
      }
      return made;
    }
  }
}
