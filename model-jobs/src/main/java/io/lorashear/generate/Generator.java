package io.lorashear.generate;

import io.lorashear.InputException;
import io.lorashear.torch.Continuation;
import io.lorashear.torch.TorchModel;
import java.util.Arrays;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/**
 * Goes on from a prompt, one token at a time.
 *
 * @param longest positions the model has; of a longer text it sees the end
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
    try (var text = model.continuation()) {
      for (int done = 0; done < count; done++) {
        int id = sampling.choose(logits(text, ids), random);
        if (stops.contains(id)) {
          return;
        }
        next.accept(id);
        ids = Arrays.copyOf(ids, ids.length + 1);
        ids[ids.length - 1] = id;
      }
    }
  }

  /** Logits after the last token, from what the model keeps while the text fits it. */
  private float[] logits(Continuation text, int[] ids) {
    return ids.length <= longest
        ? text.logits(Arrays.copyOfRange(ids, text.length(), ids.length))
        : lastLogits(ids);
  }

  /** Logits after the last token: (vocabulary,). */
  private float[] lastLogits(int[] ids) {
    int[] seen = Arrays.copyOfRange(ids, Math.max(0, ids.length - longest), ids.length);
    try (var scope = model.manager().newSubManager()) {
      var last = scope.create(new long[] {seen.length - 1});
      return model.logits(scope, model.ids(scope, seen), last).toFloatArray();
    }
  }
}
