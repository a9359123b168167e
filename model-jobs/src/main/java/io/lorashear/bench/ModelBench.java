package io.lorashear.bench;

import ai.djl.Device;
import io.lorashear.checkpoint.Checkpoint;
import io.lorashear.corpus.Sequence;
import io.lorashear.lora.LoraSettings;
import io.lorashear.optim.AdamSettings;
import io.lorashear.score.Scorer;
import io.lorashear.torch.MatrixProducts;
import io.lorashear.torch.Placement;
import io.lorashear.torch.TorchModel;
import io.lorashear.train.AdaptedModel;
import io.lorashear.train.Batches;
import io.lorashear.train.TrainLoop;
import io.lorashear.train.TrainSettings;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Training and scoring as the stages do them, on rows of random tokens, in turn with the matrix
 * products alone.
 *
 * @param checkpoint Hugging Face directory or GGUF file
 * @param rows sequences that go through together
 * @param length tokens of each
 * @param repetitions of each of the two, after one that is not counted
 */
public record ModelBench(Path checkpoint, int rows, int length, int repetitions, Device device) {
  private static final String LIMIT = "matrix products";

  /** Whole steps of LoRA training: forward, backward, clipping, AdamW. */
  public Measurement train(LoraSettings lora, TrainSettings settings) {
    try (var model = adapted(lora, settings.placement(device))) {
      var sequences = sequences(model.model());
      var batches = Batches.inOrder(sequences, rows, 1);
      var adam = model.adam(AdamSettings.USUAL);
      var loop =
          new TrainLoop(model.model(), adam, settings.schedule(repetitions), batches, settings);
      Runnable step = () -> loop.run(loop.history().size() + 1, result -> {});
      var setting = setting(model.model());
      setting.put("lora_rank", lora.rank());
      setting.put("lora_pairs", model.bindings().size());
      return measure(Workload.TRAIN, model.model(), step, setting);
    }
  }

  /** Losses of every token from the second on. */
  public Measurement score() {
    try (var opened = Checkpoint.open(checkpoint);
        var model = TorchModel.load(opened.graph(), opened.tensors(), device)) {
      var scorer = Scorer.over(model, Math.max(length, opened.config().maximumPositions()));
      var ids = sequences(model).stream().map(Sequence::inputIds).toList();
      return measure(Workload.SCORE, model, () -> scorer.tokenLosses(ids), setting(model));
    }
  }

  private AdaptedModel adapted(LoraSettings lora, Placement placement) {
    try (var opened = Checkpoint.open(checkpoint)) {
      return AdaptedModel.load(opened.graph(), opened.tensors(), lora, 1, placement);
    }
  }

  private Measurement measure(
      Workload workload, TorchModel model, Runnable ours, Map<String, Object> setting) {
    ours.run();
    ours.run();
    var peak = PeakMemory.peak(); // the limit's own arrays are not ours
    boolean training = workload == Workload.TRAIN;
    int predicted = rows * (length - 1);
    int computed = training ? rows * length : predicted; // scoring never reads the last token
    try (var limit = new MatrixProducts(model, computed, predicted, training)) {
      limit.run();
      var times = Repetitions.alternating(repetitions, List.of(ours, limit::run));
      setting.put("operations", limit.operations());
      return new Measurement(
          workload, (double) rows * length, times.get(0), LIMIT, times.get(1), peak, setting);
    }
  }

  /** Rows of random tokens. */
  List<Sequence> sequences(TorchModel model) {
    int vocabulary = model.graph().shape(model.graph().logits()).get(0).size();
    var random = new Random(1);
    var mask = new byte[length];
    Arrays.fill(mask, (byte) 1);
    var sequences = new ArrayList<Sequence>();
    for (int row = 0; row < rows; row++) {
      var ids = random.ints(length, 0, vocabulary).toArray();
      sequences.add(new Sequence("random", Sequence.TRAIN, "row-" + row, ids, mask));
    }
    return sequences;
  }

  private Map<String, Object> setting(TorchModel model) {
    var setting = new LinkedHashMap<String, Object>();
    setting.put("model", String.valueOf(checkpoint.getFileName()));
    setting.put("parameters", model.graph().parameterCount());
    setting.put("rows", rows);
    setting.put("length", length);
    setting.put("device", device.toString());
    setting.put("threads", MatrixProducts.threads());
    setting.put("precision", model.precision().toString());
    return setting;
  }
}
