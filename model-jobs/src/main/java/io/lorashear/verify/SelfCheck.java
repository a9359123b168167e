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
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Checks that what was written is the same model.
 *
 * <pre>
 *   tokenizer    the same ids of three stored texts
 *   weights      each within its type's rounding                    all of them are read once
 *   answers      logits, or losses, at 16 positions of each text    one model in memory at a time
 *   pieces       of a TorchScript file, each text in three calls: half of it, one token, the rest
 * </pre>
 *
 * If the written weights are the model's own, both forward passes use them as they were written:
 * how far a coarse type moves logits depends on the model, so that no bound could tell rounding
 * from a fault. If the machine has no room for the model in float32, answers are not compared, and
 * the returned line says so.
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

  @SuppressWarnings("DoNotCallSuggester") // it is what happens if there is a difference
  static void refuse(String difference) {
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
    int positions = written instanceof Weights weights ? weights.positions() : Integer.MAX_VALUE;
    var rows = Prompts.of(model).within(positions).rows();
    return written instanceof Script script ? script(script, rows) : computed(rows);
  }

  private String computed(List<int[]> rows) {
    if (!(written instanceof Computed computed)) {
      throw new IllegalStateException(written + " gives no answers");
    }
    boolean own = written instanceof Weights;
    var tensors = own ? computed.tensors() : model.tensors();
    var agreement =
        new Agreement(own ? Math.min(Rounding.SAME_WEIGHTS, rounding.logits()) : rounding.logits());
    var expected = Answers.of(model.graph(), tensors, rows);
    var found = Answers.of(computed.graph(), computed.tensors(), rows);
    for (int text = 0; text < rows.size(); text++) {
      agreement.requireLogits(text, expected.get(text), found.get(text));
    }
    return "read again: %s%s"
        .formatted(
            own ? "weights within their type's rounding; with them " : "",
            agreement.told("logits", rows.size()));
  }

  private String script(Script script, List<int[]> prompts) {
    boolean losses = script.answer() == Answer.TOKEN_LOSSES;
    var rows = losses ? prompts.stream().filter(row -> row.length > 2).toList() : prompts;
    var expected = Answers.of(model.graph(), model.tensors(), withBeginnings(rows)).iterator();
    var agreement = new Agreement(rounding.logits());
    try (var run = ScriptRun.open(script)) {
      for (int text = 0; text < rows.size(); text++) {
        var row = rows.get(text);
        int[] ends = ends(row);
        var continued = run.continued(row, ends);
        float[][] logits = {};
        for (int call = 0; call < ends.length; call++) {
          logits = expected.next();
          agreement.require(
              "logits of forward_with_past after token %d of text %d"
                  .formatted(ends[call], text + 1),
              logits[ends[call] - 1],
              continued[call]);
        }
        var found = run.forward(row);
        if (losses) {
          agreement.require("losses of text " + (text + 1), Answers.losses(logits, row), found[0]);
        } else {
          agreement.requireLogits(text, logits, found);
        }
      }
    }
    return "read again: %s, also where a text comes in pieces"
        .formatted(agreement.told(losses ? "losses" : "logits", rows.size()));
  }

  /** For each row, its beginnings at the ends of the calls, the whole row last. */
  private static List<int[]> withBeginnings(List<int[]> rows) {
    return rows.stream()
        .flatMap(row -> Arrays.stream(ends(row)).mapToObj(end -> Arrays.copyOf(row, end)))
        .toList();
  }

  /** How many ids are seen after each of up to three calls. */
  private static int[] ends(int[] row) {
    int half = (row.length + 1) / 2;
    return IntStream.of(half, half + 1, row.length)
        .filter(end -> end <= row.length)
        .distinct()
        .toArray();
  }

  private static long memory() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean system
        ? system.getTotalMemorySize()
        : Long.MAX_VALUE;
  }
}
