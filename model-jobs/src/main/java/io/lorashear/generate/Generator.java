package io.lorashear.generate;

import io.lorashear.InputException;
import io.lorashear.torch.TorchModel;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Goes on from a prompt, one token at a time. Of a text with more tokens than the model has
 * positions it sees the end, from three quarters of them to all: the text is read anew from there
 * whenever it has outgrown them, not for every token.
 *
 * @param longest positions the model has, from 1
 * @param stops ids that end the text
 */
public record Generator(TorchModel model, int longest, Set<Integer> stops) {

  public Generator {
    stops = Set.copyOf(stops);
  }

  /**
   * At most {@code count} tokens after {@code prompt}, each handed to {@code next} as soon as it is
   * chosen; the same seed gives the same tokens. A stop token ends it and is not handed on.
   */
  public void generate(int[] prompt, int count, Sampling sampling, long seed, IntConsumer next) {
    if (prompt.length == 0) {
      throw new InputException("The prompt is empty: give at least one word");
    }
    var random = new SplittableRandom(seed);
    int[] ids = prompt;
    int start = 0; // of what the model sees
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
