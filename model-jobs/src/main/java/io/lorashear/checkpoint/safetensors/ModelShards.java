package io.lorashear.checkpoint.safetensors;

import io.lorashear.checkpoint.JsonFile;
import io.lorashear.checkpoint.TensorInfo;
import io.lorashear.checkpoint.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The weights of a model in files of at most 5 GB, as transformers names them.
 *
 * <pre>
 *   model.safetensors                      if all weights fit into one file
 *   model-00001-of-00003.safetensors, …    otherwise; a larger tensor has a file of its own
 *   model.safetensors.index.json           then maps each tensor to its file
 * </pre>
 */
public final class ModelShards {
  /** File name of a model that fits into one file. */
  public static final String WEIGHTS = "model.safetensors";

  /** File name of the index, which maps tensors to files. */
  public static final String INDEX = "model.safetensors.index.json";

  private static final long LARGEST = 5_000_000_000L;

  private ModelShards() {}

  /** Writes every tensor of {@code source}; files of an earlier model are replaced. */
  public static void write(Path directory, TensorSource source) {
    write(directory, source, LARGEST);
  }

  /** The same with files of at most {@code largest} bytes of tensors. */
  static void write(Path directory, TensorSource source, long largest) {
    try {
      Files.deleteIfExists(directory.resolve(WEIGHTS));
      Files.deleteIfExists(directory.resolve(INDEX));
    } catch (IOException e) {
      throw new UncheckedIOException("writing " + directory, e);
    }
    var shards = shards(source.tensors().values(), largest);
    if (shards.size() == 1) {
      SafetensorsWriter.write(directory.resolve(WEIGHTS), source);
      return;
    }
    var places = new TreeMap<String, String>();
    for (int i = 0; i < shards.size(); i++) {
      var file = "model-%05d-of-%05d.safetensors".formatted(i + 1, shards.size());
      SafetensorsWriter.write(directory.resolve(file), new Shard(source, shards.get(i)));
      shards.get(i).forEach(info -> places.put(info.name(), file));
    }
    var index = JsonFile.object();
    long bytes = source.tensors().values().stream().mapToLong(TensorInfo::bytes).sum();
    index.putObject("metadata").put("total_size", bytes);
    var map = index.putObject("weight_map");
    places.forEach(map::put);
    JsonFile.write(
        directory.resolve(INDEX), index); // last, so that all files it names are complete
  }

  /** Opens the files that {@link #write} wrote. */
  public static TensorSource open(Path directory) {
    var index = directory.resolve(INDEX);
    return Files.exists(index)
        ? ShardedTensors.open(index)
        : Safetensors.open(directory.resolve(WEIGHTS));
  }

  /**
   * Tensors in the order of {@link SafetensorsWriter}, as many per file as fit; one file if there
   * are no tensors.
   */
  private static List<List<TensorInfo>> shards(Collection<TensorInfo> all, long largest) {
    var shards = new ArrayList<List<TensorInfo>>();
    var shard = new ArrayList<TensorInfo>();
    long bytes = 0;
    for (var info : SafetensorsWriter.ordered(all)) {
      if (!shard.isEmpty() && bytes + info.bytes() > largest) {
        shards.add(shard);
        shard = new ArrayList<>();
        bytes = 0;
      }
      shard.add(info);
      bytes += info.bytes();
    }
    shards.add(shard);
    return shards;
  }

  /** The tensors of {@code all} that are written to one file. */
  private record Shard(TensorSource all, List<TensorInfo> infos) implements TensorSource {
    @Override
    public Map<String, TensorInfo> tensors() {
      var tensors = new LinkedHashMap<String, TensorInfo>();
      infos.forEach(info -> tensors.put(info.name(), info));
      return Collections.unmodifiableMap(tensors);
    }

    @Override
    public void read(String name, long byteOffset, ByteBuffer target) {
      all.read(name, byteOffset, target);
    }

    @Override
    public void close() {}
  }
}
