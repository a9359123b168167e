package io.lorashear.spark.source;

import io.lorashear.InputException;
import io.lorashear.run.Sha256;
import io.lorashear.spark.store.HadoopStorage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of some sources, found and looked into on the driver.
 *
 * @param files in order of source and name
 * @param problems files that are not what they should be
 * @param dropped files that are left out without being read
 */
public record Inputs(List<InputFile> files, List<Unreadable> problems, List<Dropped> dropped) {

  /**
   * Finds the files of {@code sources}.
   *
   * @throws InputException if a path leads to no file
   */
  public static Inputs find(
      Configuration configuration, List<SourceSettings> sources, LimitSettings limits) {
    var files = new ArrayList<InputFile>();
    var problems = new ArrayList<Unreadable>();
    var dropped = new ArrayList<Dropped>();
    for (var source : sources) {
      var inspection = new Inspection(configuration, source, limits);
      var found = statuses(configuration, source);
      var parent = commonFolder(List.copyOf(found.keySet()));
      var own = new ArrayList<InputFile>();
      found.forEach(
          (path, status) ->
              inspection.look(status, path.substring(parent.length()), own, problems));
      Editions.choose(own, dropped);
      files.addAll(own);
    }
    return new Inputs(List.copyOf(files), List.copyOf(problems), List.copyOf(dropped));
  }

  /** The file with this name, with what is wrong with it. */
  public Unreadable unreadable(String source, String name, String problem) {
    var path =
        files.stream()
            .filter(file -> file.source().equals(source) && file.name().equals(name))
            .map(InputFile::shownPath)
            .findFirst()
            .or(() -> pathOfProblem(source, name));
    return new Unreadable(source, name, path.orElse(name), problem);
  }

  private Optional<String> pathOfProblem(String source, String name) {
    return problems.stream()
        .filter(file -> file.source().equals(source) && file.file().equals(name))
        .map(Unreadable::path)
        .findFirst();
  }

  /**
   * A hash of the names and bytes of each source's files, by source; the files are read once, by
   * tasks.
   */
  public SortedMap<String, String> hashes(JavaSparkContext spark) {
    var configuration = new SerializableConfiguration(spark.hadoopConfiguration());
    var tasks = Math.max(1, Math.min(files.size(), 1000));
    var lines = new TreeMap<String, List<String>>();
    spark
        .parallelize(files, tasks)
        .map(file -> new String[] {file.source(), file.name() + " " + hash(file, configuration)})
        .collect()
        .forEach(line -> lines.computeIfAbsent(line[0], s -> new ArrayList<>()).add(line[1]));
    var hashes = new TreeMap<String, String>();
    lines.forEach((source, all) -> hashes.put(source, Sha256.of(String.join("\n", all))));
    return hashes;
  }

  private static String hash(InputFile file, SerializableConfiguration configuration)
      throws IOException, NoSuchAlgorithmException {
    var path = new Path(file.path());
    var digest = MessageDigest.getInstance("SHA-256");
    try (var bytes = path.getFileSystem(configuration.value()).open(path);
        var digesting = new DigestInputStream(bytes, digest)) {
      digesting.transferTo(OutputStream.nullOutputStream());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Bytes of all files, as they lie. */
  public long bytes() {
    return files.stream().mapToLong(InputFile::size).sum();
  }

  /** Files of one source, without those that have problems. */
  public long count(String source) {
    return files.stream().filter(file -> file.source().equals(source)).count();
  }

  /** By path, so in order and each once, however many globs lead to it. */
  private static TreeMap<String, FileStatus> statuses(
      Configuration configuration, SourceSettings source) {
    var found = new TreeMap<String, FileStatus>();
    for (var setting : source.paths()) {
      var before = found.size();
      try {
        var path = HadoopStorage.hadoop(setting);
        var fileSystem = path.getFileSystem(configuration);
        var matches = fileSystem.globStatus(path);
        if (matches == null || matches.length == 0) {
          throw new FileNotFoundException("nothing there");
        }
        for (var match : matches) {
          collect(fileSystem, match, found);
        }
      } catch (IOException e) {
        throw unreachable(setting, source, e);
      }
      if (found.size() == before && found.isEmpty()) {
        throw new InputException(
            "%s holds no file (source %s): put the corpus there, or correct the path in the settings",
            setting, source.label());
      }
    }
    return found;
  }

  private static InputException unreachable(
      java.nio.file.Path setting, SourceSettings source, IOException error) {
    return error instanceof FileNotFoundException
        ? new InputException(
            error,
            "%s: no such file or folder (source %s): correct its path in the settings",
            setting,
            source.label())
        : new InputException(
            error,
            "%s cannot be read (source %s): %s",
            setting,
            source.label(),
            String.valueOf(error.getMessage()));
  }

  private static void collect(
      FileSystem fileSystem, FileStatus status, TreeMap<String, FileStatus> found)
      throws IOException {
    if (!status.isDirectory()) {
      found.put(text(status.getPath()), status);
      return;
    }
    var children = List.of(fileSystem.listStatus(status.getPath()));
    for (var child : children) {
      var name = child.getPath().getName();
      if (!name.startsWith(".") && !name.startsWith("_")) {
        collect(fileSystem, child, found);
      }
    }
  }

  /** A path in one spelling: globs give local ones with one slash after the colon, names three. */
  static String text(Path path) {
    return path.toString().replaceFirst("^file:/+", "file:/");
  }

  /** The longest folder all paths are in, with its slash. */
  private static String commonFolder(List<String> paths) {
    var shortest = paths.stream().min(Comparator.comparingInt(String::length)).orElse("");
    var length = shortest.length();
    for (var path : paths) {
      while (!path.startsWith(shortest.substring(0, length))) {
        length--;
      }
    }
    return shortest.substring(0, shortest.lastIndexOf('/', Math.max(0, length - 1)) + 1);
  }
}
