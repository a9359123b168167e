package io.lorashear.generate;

import io.lorashear.InputException;
import io.lorashear.torch.TorchModel;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Continues a prompt, one token at a time. If the text gets longer than the model's positions, the
 * model sees only its end: it is processed again from a later start, so that it fills three
 * quarters of the positions, whenever it has filled them all.
 *
 * @param longest maximum number of positions of the model, at least 1
 * @param stops ids that end the text
 */
public record Generator(TorchModel model, int longest, Set<Integer> stops) {

  public Generator {
    stops = Set.copyOf(stops);
  }

  /**
   * Generates at most {@code count} tokens after {@code prompt}, and passes each to {@code next} as
   * soon as it is chosen; the same seed gives the same tokens. A stop token ends generation and is
   * not passed on.
   */
  public void generate(int[] prompt, int count, Sampling sampling, long seed, IntConsumer next) {
    if (prompt.length == 0) {
      throw new InputException("The prompt is empty: give at least one word");
    }
    var random = new SplittableRandom(seed);
    int[] ids = prompt;
    int start = 0; // of the text that the model sees
    try (var text = model.continuation()) {
      for (int done = 0; done < count; done++) {
        if (ids.length - start > longest) {
          start = ids.length - Math.max(1, longest - longest / 4);
          text.forget();
        }
        int[] further = Arrays.copyOfRange(ids, start + text.length(), ids.length);
        int id = sampling.choose(text.logits(further), random);
        if (stops.contains(id)) {
          return;
        }
        next.accept(id);
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = id;
      }
    }
  }
}
