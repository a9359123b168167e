package io.lorashear.train;

import ai.djl.Device;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.checkpoint.CheckpointWriter;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.corpus.Sequence;
import io.lorashear.corpus.SequenceReader;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.ModelGraph;
import io.lorashear.optim.AdamSettings;
import io.lorashear.optim.AdamW;
import io.lorashear.run.ContentHash;
import io.lorashear.run.Progress;
import io.lorashear.run.PublishedDirectory;
import io.lorashear.run.Refusals;
import io.lorashear.run.Stage;
import io.lorashear.tokenizer.Tokenizer;
import io.lorashear.torch.TorchModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Trains a small model from scratch, all its parameters at once, so that every later stage can be
 * tried without a pretrained model.
 *
 * <pre>
 *   W ~ N(0, 1/columns)      norms start at 1      tied embeddings
 * </pre>
 */
public final class Pretraining {
  private static final AdamSettings ADAM = new AdamSettings(0.9, 0.95, 1e-8, 0.1);

  private final PretrainSettings settings;
  private final Device device;
  private final Progress progress;

  /** Runs nothing yet. */
  public Pretraining(PretrainSettings settings, Device device, Progress progress) {
    this.settings = settings;
    this.device = device;
    this.progress = progress;
  }

  /** Publishes the model, unless it is already published. */
  public PublishedDirectory publish(boolean overwrite) {
    var stage = ready(settings).overwrite(overwrite);
    return stage.run(
        output ->
            new Pretraining(settings, device, output.measured(progress))
                .into(output.directory(), output.scratch(), stage.identity()));
  }

  /**
   * The stage, after a check of everything that it reads; runs nothing.
   *
   * @throws io.lorashear.InputException with all that is missing
   */
  public static Stage ready(PretrainSettings settings) {
    Refusals.together(
        () -> SequenceReader.open(settings.corpus()),
        () -> Tokenizer.open(settings.tokenizer()).close());
    try (var tokenizer = Tokenizer.open(settings.tokenizer())) {
      return Stage.of("pretrain", settings.output(), settings, Pretraining.class)
          .onDisk()
          .parent("corpus", ContentHash.of(settings.corpus()))
          .parent("tokenizer", tokenizer.sha256());
    }
  }

  /**
   * Writes a checkpoint into {@code directory}.
   *
   * @param scratch where the run saves its states, so that it resumes after a kill
   * @param run identifies settings and inputs, see {@link TrainingStore}
   * @return the result of every step
   */
  public List<StepResult> into(Path directory, Path scratch, String run) {
    var reader = SequenceReader.open(settings.corpus());
    var corpus = reader.manifest();
    var config = config(settings, corpus.vocabulary(), corpus.sequenceLength());
    var graph = Family.of(config).trace(config);
    var placement = settings.train().placement(device);
    var everything = graph.parameters().keySet();
    var weights = List.of(firstWeights(graph));
    try (var model = TorchModel.load(graph, weights, placement, everything)) {
      var history = train(model, sequences(reader), new TrainingStore(scratch, run));
      CheckpointWriter.write(directory, config, model.tensors(), List.of(settings.tokenizer()));
      return history;
    }
  }

  private List<StepResult> train(TorchModel model, List<Sequence> sequences, TrainingStore store) {
    model.trainable(model.graph().parameters().keySet());
    var train = settings.train();
    long stepTokens = (long) train.rows() * train.accumulate() * sequences.get(0).inputIds().length;
    long steps = Math.max(1, settings.tokens() / stepTokens);
    var batches = Batches.shuffled(sequences, train.rows(), train.accumulate(), settings.seed());
    var adam = new AdamW(model.manager(), model.trainable(), ADAM);
    var loop = new TrainLoop(model, adam, train.schedule(steps), batches, train);
    try (var work = progress.begin("pretrain", steps, "steps")) {
      loop.run(steps, store, work, step -> {});
    }
    return loop.history();
  }

  private static List<Sequence> sequences(SequenceReader reader) {
    var all = new ArrayList<Sequence>();
    for (var source : reader.manifest().sourceNames()) {
      if (reader.manifest().shards(source, Sequence.TRAIN).isEmpty()) {
        continue; // a small source may have all its documents in the other split
      }
      try (var rows = reader.read(source, Sequence.TRAIN)) {
        rows.forEachRemaining(row -> all.add(row.asText()));
      }
    }
    return all;
  }

  /** The config of a model with the sizes in the settings, for rows of {@code length} tokens. */
  public static ModelConfig config(PretrainSettings settings, int vocabulary, int length) {
    ObjectNode fields = JsonNodeFactory.instance.objectNode();
    fields.putArray("architectures").add("LlamaForCausalLM");
    fields.put("model_type", "llama").put("hidden_act", "silu").put("torch_dtype", "float32");
    fields.put("hidden_size", settings.hidden()).put("intermediate_size", settings.channels());
    fields.put("num_hidden_layers", settings.layers());
    fields.put("num_attention_heads", settings.heads());
    fields.put("num_key_value_heads", settings.keyValueHeads());
    fields.put("head_dim", settings.hidden() / settings.heads());
    fields.put("vocab_size", vocabulary);
    fields.put("max_position_embeddings", Math.max(1024, length));
    fields.put("rms_norm_eps", 1e-5).put("rope_theta", 10_000.0);
    fields.put("tie_word_embeddings", true).put("bos_token_id", 0).put("eos_token_id", 0);
    return ModelConfig.parse(fields, "the model to pretrain");
  }

  private TensorSource firstWeights(ModelGraph graph) {
    var random = new Random(settings.seed());
    var tensors = new InMemoryTensors();
    for (var parameter : graph.parameters().values()) {
      var values = new float[Math.toIntExact(parameter.elements())];
      boolean norm = parameter.extents().size() == 1;
      double deviation = 1 / Math.sqrt(parameter.extents().get(norm ? 0 : 1).size());
      for (int i = 0; i < values.length; i++) {
        values[i] = norm ? 1 : (float) (deviation * random.nextGaussian());
      }
      tensors.put(parameter.name(), values, parameter.shape());
    }
    return tensors;
  }
}
