package io.lorashear.shape;

import io.lorashear.shape.DeciLayer.Option;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/** Chooses in which order layers lose what {@link Deci} allows. */
final class DeciChoice {
  private static final Comparator<Option> LEAST_SALIENT = Comparator.comparingDouble(Option::score);

  /** A layer, with the score it had when it was looked at. */
  private record Waiting(int layer, double score) {}

  private final List<DeciLayer> layers;
  private final PriorityQueue<Waiting> queue =
      new PriorityQueue<>(
          Comparator.comparingDouble(Waiting::score).thenComparingInt(Waiting::layer));
  private long left;

  DeciChoice(List<DeciLayer> layers) {
    this.layers = layers;
  }

  /**
   * Removes up to {@code budget} parameters; the last call takes one step more if that comes nearer
   * to it.
   */
  void take(long budget, boolean last) {
    left = budget;
    layers.forEach(layer -> layer.due().ifPresent(this::take));
    for (int i = 0; i < layers.size(); i++) {
      enqueue(i);
    }
    while (!queue.isEmpty()) {
      var first = queue.poll();
      var option = fitting(first.layer());
      if (option.isPresent() && option.get().score() <= first.score()) {
        take(option.get());
      }
      enqueue(first.layer());
    }
    if (last && left > 0) {
      layers.stream()
          .flatMap(DeciLayer::options)
          .min(Comparator.comparingLong(Option::cost).thenComparing(LEAST_SALIENT))
          .filter(option -> option.cost() <= 2 * left)
          .ifPresent(this::take);
    }
  }

  private Optional<Option> fitting(int layer) {
    return layers.get(layer).options().filter(o -> o.cost() <= left).min(LEAST_SALIENT);
  }

  private void enqueue(int layer) {
    fitting(layer).ifPresent(option -> queue.add(new Waiting(layer, option.score())));
  }

  private void take(Option option) {
    left -= option.cost();
    option.take().run();
  }
}
