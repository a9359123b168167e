package io.lorashear.verify;

import com.sun.management.OperatingSystemMXBean;
import io.lorashear.InputException;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.run.DiskSpace;
import io.lorashear.torch.TorchScriptFile.Answer;
import io.lorashear.verify.Readback.Computed;
import io.lorashear.verify.Readback.Pairs;
import io.lorashear.verify.Readback.Script;
import io.lorashear.verify.Readback.Weights;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Optional;

/**
 * Whether what was written says what the model does.
 *
 * <pre>
 *   tokenizer    the same ids of three stored texts
 *   weights      each within its type's rounding                    all of them are read once
 *   answers      logits, or losses, at 16 positions of each text    one of both models is in memory
 * </pre>
 *
 * Both forward passes take the weights as they were written where those are the model's own: how
 * far a coarse type moves logits depends on the model, so that no bound would tell it from a fault.
 * Where the machine has no room for a model in float32, answers are left out, and the line says so.
 */
public final class SelfCheck {
  private final Checkpoint model;
  private final Readback written;
  private final Rounding rounding;

  private SelfCheck(Checkpoint model, Readback written, Rounding rounding) {
    this.model = model;
    this.written = written;
    this.rounding = rounding;
  }

  /**
   * Compares.
   *
   * @return a line on what agreed
   * @throws InputException with the first thing that differs, and where
   */
  public static String require(Checkpoint model, Readback written, Rounding rounding) {
    var check = new SelfCheck(model, written, rounding);
    if (written instanceof Weights weights) {
      check.tokenizer(weights).ifPresent(SelfCheck::refuse);
      check.weights(weights).ifPresent(SelfCheck::refuse);
    }
    if (written instanceof Pairs pairs) {
      return check.pairs(pairs);
    }
    return check.answers();
  }

  private static void refuse(String difference) {
    throw new InputException(
        "nothing was published, because what was written says something else than the model: %s;"
            + " another --type may hold it, else this is a fault of this program",
        difference);
  }

  private Optional<String> tokenizer(Weights weights) {
    return model.hasTokenizer() && weights.tokenizer().isPresent()
        ? Prompts.firstDifference(model.tokenizer(), weights.tokenizer().get())
        : Optional.empty();
  }

  private Optional<String> weights(Weights weights) {
    return new TensorComparison(model.tensors(), weights.tensors(), rounding)
        .firstDifference(model.graph().parameters().keySet());
  }

  private String pairs(Pairs pairs) {
    new TensorComparison(pairs.expected(), pairs.tensors(), rounding)
        .firstDifference(pairs.expected().tensors().keySet())
        .ifPresent(SelfCheck::refuse);
    return "read again: the same pairs; logits were not compared, as the model under them is not"
        + " on this machine";
  }

  private String answers() {
    long needed = model.graph().parameterCount() * Float.BYTES;
    if (needed > memory()) {
      return "read again: the same weights; logits were not compared, as they need %s of memory"
          .formatted(DiskSpace.text(needed));
    }
    var prompts = Prompts.of(model).rows();
    boolean losses = written instanceof Script script && script.answer() == Answer.TOKEN_LOSSES;
    var rows = losses ? prompts.stream().filter(row -> row.length > 2).toList() : prompts;
    boolean own = written instanceof Weights;
    var tensors = written instanceof Weights weights ? weights.tensors() : model.tensors();
    double allowed = own ? Math.min(Rounding.SAME_WEIGHTS, rounding.logits()) : rounding.logits();
    var expected = Answers.of(model.graph(), tensors, rows, losses);
    var found = answers(rows, losses);
    double worst = 0;
    for (int row = 0; row < rows.size(); row++) {
      worst = Math.max(worst, compared(expected.get(row), found.get(row), allowed, row, losses));
    }
    return "read again: %s%s of %d texts differ by at most %.1e of their spread (allowed are %.1e)"
        .formatted(
            own ? "weights within their type's rounding; with them " : "",
            losses ? "losses" : "logits",
            rows.size(),
            worst,
            allowed);
  }

  private List<float[][]> answers(List<int[]> rows, boolean losses) {
    if (written instanceof Script script) {
      return Answers.of(script, rows);
    }
    if (written instanceof Computed computed) {
      return Answers.of(computed.graph(), computed.tensors(), rows, losses);
    }
    throw new IllegalStateException(written + " gives no answers");
  }

  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }

  private double compared(
      float[][] expected, float[][] found, double allowed, int text, boolean losses) {
    double worst = 0;
    for (int position = 0; position < expected.length; position++) {
      double off = Spread.difference(expected[position], found[position]);
      if (!(off <= allowed)) {
        refuse(
            "%s at position %d of text %d differ by %.2g of their spread, and %.2g are allowed"
                .formatted(losses ? "losses" : "logits", position + 1, text + 1, off, allowed));
      }
      worst = Math.max(worst, off);
    }
    return worst;
  }
}
