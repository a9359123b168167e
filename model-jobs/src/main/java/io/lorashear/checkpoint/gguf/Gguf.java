package io.lorashear.checkpoint.gguf;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.lorashear.InputException;
import io.lorashear.checkpoint.MappedFile;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import io.lorashear.checkpoint.gguf.architecture.Architecture;
import io.lorashear.checkpoint.gguf.architecture.Architectures;
import io.lorashear.checkpoint.gguf.architecture.Hyperparameters;
import io.lorashear.checkpoint.gguf.architecture.Part;
import io.lorashear.checkpoint.gguf.architecture.RowOrder;
import io.lorashear.checkpoint.gguf.head.GgufHeader;
import io.lorashear.checkpoint.gguf.head.GgufHeader.Entry;
import io.lorashear.checkpoint.gguf.vocabulary.GgufTokenizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A GGUF file, presented as the Hugging Face checkpoint it was made from: tensor names and row
 * order are Hugging Face's; quantised tensors have type F32 and are dequantised on reading.
 *
 * @see <a href="https://github.com/ggml-org/ggml/blob/master/docs/gguf.md">the format</a>
 */
public final class Gguf implements TensorSource {
  private static final int MOST_FACTORS = 1 << 12;
  private static final int PIECE = 1 << 20;

  private final MappedFile file;
  private final GgufHeader header;
  private final Architecture architecture;
  private final Hyperparameters hyperparameters;
  private final Map<String, TensorBytes> contents = new LinkedHashMap<>();
  private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

  private Gguf(MappedFile file) {
    this.file = file;
    this.header = GgufHeader.read(file);
    refuseParts();
    this.architecture = Architectures.of(header.metadata());
    this.hyperparameters =
        Hyperparameters.of(header.metadata(), header.entries().size(), rotaryFactors());
    hyperparameters.checkKeys(architecture);
    header.entries().forEach(this::add);
    architecture.headMadeOfEmbedding().ifPresent(this::dropIfRepeated);
  }

  /**
   * Opens a file and checks its header.
   *
   * @throws InputException if the file is missing or truncated, or if it has an unsupported
   *     architecture or number type
   */
  public static Gguf open(Path path) {
    return new Gguf(MappedFile.open(path));
  }

  private void refuseParts() {
    var parts = header.metadata().wholeOrNull("split.count");
    if (parts != null && parts > 1) {
      throw new InputException(
          "%s is one of %d parts of a model: join them with llama.cpp,"
              + " llama-gguf-split --merge FIRST-PART WHOLE",
          file.path(), parts);
    }
  }

  private Map<String, List<Float>> rotaryFactors() {
    var factors = new HashMap<String, List<Float>>();
    for (var entry : header.entries()) {
      if (Hyperparameters.ROTARY_FACTORS.contains(entry.name())) {
        var numbers = new float[(int) Math.min(MOST_FACTORS, entry.columns())];
        new StoredRows(file, entry, entry.columns()).numbers(0, 0, numbers.length, numbers);
        var list = new ArrayList<Float>();
        for (float number : numbers) {
          list.add(number);
        }
        factors.put(entry.name(), List.copyOf(list));
      }
    }
    return Map.copyOf(factors);
  }

  private void add(Entry entry) {
    var parts = architecture.parts(entry, hyperparameters);
    if (parts.isEmpty() && !Hyperparameters.ROTARY_FACTORS.contains(entry.name())) {
      throw new InputException(
          "%s holds the tensor %s, which no model of architecture %s has",
          file.path(), entry.name(), hyperparameters.architecture());
    }
    parts.forEach(this::add);
  }

  private void add(Part part) {
    var entry = part.entry();
    if (part.order() != RowOrder.AS_STORED
        && part.extents().length < 2
        && entry.type().blocks() != null) {
      throw new InputException(
          "%s: the bias %s is quantised, which is not read here", file.path(), entry.name());
    }
    if (tensors.put(part.name(), new TensorInfo(part.name(), part.type(), part.extents()))
        != null) {
      throw new InputException(
          "%s: tensor %s is %s, which another tensor is too",
          file.path(), entry.name(), part.name());
    }
    contents.put(part.name(), TensorBytes.of(file, part));
  }

  private void dropIfRepeated(String head) {
    var copy = contents.get(head);
    var embedding = contents.get(architecture.embedding());
    var info = tensors.get(architecture.embedding());
    if (copy == null || embedding == null || info == null) {
      return;
    }
    if (info.named(head).equals(tensors.get(head)) && sameBytes(copy, embedding, info.bytes())) {
      contents.remove(head);
      tensors.remove(head);
    }
  }

  private static boolean sameBytes(TensorBytes first, TensorBytes second, long length) {
    var one = ByteBuffer.allocate((int) Math.min(PIECE, length)).order(ByteOrder.LITTLE_ENDIAN);
    var other = ByteBuffer.allocate(one.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    for (long done = 0; done < length; done += one.limit()) {
      int count = (int) Math.min(PIECE, length - done);
      first.read(done, one.clear().limit(count));
      second.read(done, other.clear().limit(count));
      if (!one.flip().equals(other.flip())) {
        return false;
      }
    }
    return true;
  }

  /** A text value of the metadata, for example {@code general.license}. */
  public Optional<String> said(String key) {
    return Optional.ofNullable(header.metadata().textOrNull(key));
  }

  /** Names of its quantised types, which are decoded to F32; sorted. */
  public List<String> quantized() {
    return header.entries().stream()
        .filter(entry -> entry.type().blocks() != null)
        .map(entry -> entry.type().name())
        .distinct()
        .sorted()
        .toList();
  }

  /** The config.json of the checkpoint. */
  public ObjectNode config() {
    var embedding = tensors.get(architecture.embedding());
    if (embedding == null || embedding.shape().length != 2) {
      throw new InputException("%s has no matrix token_embd.weight: no embedding", file.path());
    }
    return architecture.config(hyperparameters, tensors.keySet(), embedding.shape()[0]);
  }

  /** The tokenizer.json of the checkpoint. */
  public ObjectNode tokenizer() {
    return GgufTokenizer.of(header.metadata()).json();
  }

  /** The tokenizer_config.json of the checkpoint: special tokens and chat template. */
  public ObjectNode tokenizerConfig() {
    return GgufTokenizer.of(header.metadata()).config();
  }

  @Override
  public Map<String, TensorInfo> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  @Override
  public void read(String name, long byteOffset, ByteBuffer target) {
    Objects.checkFromIndexSize(byteOffset, target.remaining(), tensor(name).bytes());
    var order = target.order();
    Objects.requireNonNull(contents.get(name))
        .read(byteOffset, target.order(ByteOrder.LITTLE_ENDIAN));
    target.order(order);
  }

  @Override
  public void close() {
    file.close();
  }
}
