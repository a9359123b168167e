package io.lorashear.checkpoint.gguf;

import io.lorashear.InputException;
import io.lorashear.checkpoint.InMemoryTensors;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.gguf.architecture.Architecture;
import io.lorashear.checkpoint.gguf.architecture.Architectures;
import io.lorashear.checkpoint.gguf.architecture.Description;
import io.lorashear.checkpoint.gguf.architecture.Hyperparameters;
import io.lorashear.checkpoint.gguf.architecture.Part;
import io.lorashear.checkpoint.gguf.block.GgmlType;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.checkpoint.gguf.head.Metadata;
import io.lorashear.checkpoint.gguf.head.MetadataValue;
import io.lorashear.family.Family;
import io.lorashear.family.ModelConfig;
import io.lorashear.graph.GraphDifference;
import io.lorashear.graph.ModelGraph;
import io.lorashear.graph.Sought;
import io.lorashear.run.Progress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A model in llama.cpp's terms, to be written as GGUF: the reverse of {@link Gguf}.
 *
 * <pre>
 *   config.json ─ describe ─► metadata ─ config ─► config.json     one architecture's two directions
 *        │                                              │
 *        └─ trace ─► forward pass   must be   forward pass ◄─ trace ─┘
 * </pre>
 *
 * A property that the metadata cannot express would change the computation of a program that reads
 * the file. Such properties are found by comparing both forward passes, and refused. If the passes
 * differ only in attention windows, the file's context length is set to the shortest window, so
 * that no window masks anything.
 */
public final class GgufModel {
  /** Version of ggml's block layouts, unchanged since 2023. */
  private static final int QUANTIZATION = 2;

  private static final String NOTE = "general.description";

  private final Map<String, MetadataValue> metadata;
  private final List<StoredTensor> tensors;
  private final Optional<String> remark;

  private GgufModel(
      Map<String, MetadataValue> metadata, List<StoredTensor> tensors, Optional<String> remark) {
    this.metadata = metadata;
    this.tensors = tensors;
    this.remark = remark;
  }

  /**
   * The GGUF form of a model.
   *
   * @param graph the forward pass of {@code config}; tensors that it does not read are left out
   * @param tokenizer metadata of the tokenizer
   * @throws InputException if llama.cpp cannot express the model, with what to do instead
   */
  public static GgufModel of(
      ModelConfig config,
      ModelGraph graph,
      TensorSource tensors,
      Map<String, MetadataValue> tokenizer) {
    var name = Architectures.nameFor(config);
    var architecture = Architectures.named(name);
    var said = new Description(name);
    architecture.describe(config, said);
    var h = read(config, said, tokenizer);
    h.checkKeys(architecture);
    requireShapes(config, architecture, name);
    var stored = stored(config, graph, tensors, architecture, h);
    var remark = Optional.<String>empty();
    int positions = config.maximumPositions();
    var difference = difference(config, graph, architecture, h, positions);
    int window = shortestWindow(graph, positions);
    if (difference.isPresent() && window < positions) {
      said.within(window);
      difference = difference(config, graph, architecture, read(config, said, tokenizer), window);
      remark = Optional.of(withoutWindow(name, window, positions));
    }
    difference.ifPresent(found -> refuse(config, name, found));
    var metadata = new LinkedHashMap<>(said.values());
    remark.ifPresent(text -> metadata.put(NOTE, MetadataValue.text(text)));
    metadata.putAll(tokenizer);
    var all = Stream.concat(stored.stream(), factors(said).stream()).toList();
    return new GgufModel(metadata, all, remark);
  }

  private static Hyperparameters read(
      ModelConfig config, Description said, Map<String, MetadataValue> tokenizer) {
    var metadata = new LinkedHashMap<>(said.values());
    metadata.putAll(tokenizer);
    var read = Metadata.of(Path.of(config.where()), metadata);
    return Hyperparameters.of(read, Integer.MAX_VALUE, said.rotaryFactors());
  }

  private static int shortestWindow(ModelGraph graph, int otherwise) {
    return Sought.ATTENTION.in(graph).stream()
        .map(attention -> attention.operator().window())
        .filter(Objects::nonNull)
        .mapToInt(Integer::intValue)
        .min()
        .orElse(otherwise);
  }

  private static String withoutWindow(String architecture, int window, int positions) {
    return "made for texts of up to %d tokens, not of %d: llama.cpp has no window of %d in the"
            .formatted(window, positions, window)
        + " architecture %s, and none is felt in texts that short. Given a longer context (-c) it"
            .formatted(architecture)
        + " computes something else than the model";
  }

  private static void requireShapes(ModelConfig config, Architecture architecture, String name) {
    int heads = config.layers().get(0).queryHeads() * config.headDimension();
    if (architecture.headsFillHidden() && heads != config.hiddenSize()) {
      throw new InputException(
          "%s: %d query heads of %d are not the hidden size of %d, which llama.cpp takes them for"
              + " in the architecture %s: export it --for transformers, or prune MLPs alone",
          config.where(),
          config.layers().get(0).queryHeads(),
          config.headDimension(),
          config.hiddenSize(),
          name);
    }
  }

  private static List<StoredTensor> stored(
      ModelConfig config,
      ModelGraph graph,
      TensorSource tensors,
      Architecture architecture,
      Hyperparameters h) {
    var members = new LinkedHashMap<String, List<String>>();
    for (var parameter : graph.parameters().keySet()) {
      var place = architecture.stored(parameter, h).orElseThrow(() -> unsaid(config, parameter, h));
      members.computeIfAbsent(place, key -> new ArrayList<>()).add(parameter);
    }
    var stored = new ArrayList<StoredTensor>();
    members.forEach(
        (place, parameters) -> stored.add(tensor(place, parameters, tensors, architecture, h)));
    var head = architecture.headMadeOfEmbedding().filter(name -> config.tiedEmbeddings());
    head.flatMap(name -> architecture.stored(name, h))
        .ifPresent(
            place ->
                stored.add(
                    tensor(place, List.of(architecture.embedding()), tensors, architecture, h)));
    return stored;
  }

  private static InputException unsaid(ModelConfig config, String parameter, Hyperparameters h) {
    return new InputException(
        "%s: the model computes with %s, which llama.cpp does not look for in the architecture %s:"
            + " export it --for transformers",
        config.where(), parameter, h.architecture());
  }

  /** The stored tensor {@code place}, made of one tensor or of one tensor of each expert. */
  private static StoredTensor tensor(
      String place,
      List<String> names,
      TensorSource tensors,
      Architecture architecture,
      Hyperparameters h) {
    long[] shape = tensors.tensor(names.get(0)).shape();
    var extents = names.size() > 1 ? stacked(names.size(), shape) : shape;
    var parts = architecture.parts(new Entry(place, GgmlType.F32, extents, 0), h);
    if (parts.get(0).transposed()) {
      extents = new long[] {shape[1], shape[0]};
      parts = architecture.parts(new Entry(place, GgmlType.F32, extents, 0), h);
    }
    boolean copy = names.size() == 1 && !parts.get(0).name().equals(names.get(0));
    var own = copy ? List.of(Part.whole(names.get(0), parts.get(0).entry())) : parts;
    return new StoredTensor(place, extents, own, tensors);
  }

  private static long[] stacked(int count, long[] shape) {
    var extents = new long[shape.length + 1];
    extents[0] = count;
    System.arraycopy(shape, 0, extents, 1, shape.length);
    return extents;
  }

  private static List<StoredTensor> factors(Description said) {
    var numbers = new InMemoryTensors();
    var stored = new ArrayList<StoredTensor>();
    said.rotaryFactors()
        .forEach(
            (name, factors) -> {
              var values = new float[factors.size()];
              for (int i = 0; i < values.length; i++) {
                values[i] = factors.get(i);
              }
              numbers.put(name, values, values.length);
              var entry = new Entry(name, GgmlType.F32, new long[] {values.length}, 0);
              stored.add(
                  new StoredTensor(
                      name, entry.extents(), List.of(Part.whole(name, entry)), numbers));
            });
    return stored;
  }

  /**
   * The difference between the model and what a reader of the metadata would compute, for texts up
   * to the given length.
   */
  private static Optional<GraphDifference.Found> difference(
      ModelConfig config,
      ModelGraph graph,
      Architecture architecture,
      Hyperparameters h,
      int positions) {
    var names = graph.parameters().keySet();
    var fields = architecture.config(h, names, config.vocabularySize());
    var said = ModelConfig.parse(fields, config.where());
    return new GraphDifference(positions).between(graph, Family.of(said).trace(said));
  }

  private static void refuse(
      ModelConfig config, String architecture, GraphDifference.Found difference) {
    throw new InputException(
        "%s: %s computes %s, where llama.cpp computes %s in the architecture %s, whatever a GGUF"
            + " says: export it --for transformers",
        config.where(), difference.place(), difference.one(), difference.other(), architecture);
  }

  /** A remark for the user, if the file allows shorter texts than the model. */
  public Optional<String> remark() {
    return remark;
  }

  /** The architecture's name, its keys, and the tokenizer's. */
  public Map<String, MetadataValue> metadata() {
    return metadata;
  }

  /** The type of each tensor in a file of type {@code type}. */
  public TensorTypes types(FileType type) {
    var shapes = new LinkedHashMap<String, long[]>();
    tensors.forEach(each -> shapes.put(each.name(), each.extents()));
    return TensorTypes.of(type, shapes);
  }

  /** Writes {@code file}. */
  public void write(Path file, FileType type, Progress progress) {
    var types = types(type);
    var all = new LinkedHashMap<>(metadata);
    all.put("general.file_type", MetadataValue.uint32(type.id()));
    if (type.isQuantised()) {
      all.put("general.quantization_version", MetadataValue.uint32(QUANTIZATION));
    }
    var written = tensors.stream().map(each -> each.in(types.of(each.name()))).toList();
    GgufWriter.write(file, all, written, progress);
  }
}
