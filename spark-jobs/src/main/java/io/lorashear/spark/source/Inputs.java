package io.lorashear.spark.source;

import io.lorashear.InputException;
import io.lorashear.run.Sha256;
import io.lorashear.spark.store.HadoopStorage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestInputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
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
 * @param raw all that were found, with no hash yet
 */
public record Inputs(
    List<InputFile> files, List<Unreadable> problems, List<Dropped> dropped, List<RawFile> raw) {

  /**
   * Finds the files of {@code sources}.
   *
   * @throws InputException if a path leads to no file
   */
  public static Inputs find(
      Configuration configuration, List<SourceSettings> sources, LimitSettings limits) {
    return inspected(
        configuration,
        sources,
        limits,
        source -> {
          var found = statuses(configuration, source);
          return named(source, found.keySet()).stream()
              .map(file -> new Found(file, file.name(), status(found, file)))
              .toList();
        });
  }

  /**
   * Looks into {@code wanted} alone, which are then named by their content.
   *
   * @param wanted some of {@link #listed}, with their hashes
   */
  public static Inputs among(
      Configuration configuration,
      List<SourceSettings> sources,
      LimitSettings limits,
      List<RawFile> wanted) {
    return inspected(
        configuration,
        sources,
        limits,
        source ->
            wanted.stream()
                .filter(file -> file.source().equals(source.label()))
                .map(file -> new Found(file, file.nameByContent(), status(configuration, file)))
                .toList());
  }

  private record Found(RawFile file, String name, FileStatus status) {}

  private static Inputs inspected(
      Configuration configuration,
      List<SourceSettings> sources,
      LimitSettings limits,
      Function<SourceSettings, List<Found>> files) {
    var good = new ArrayList<InputFile>();
    var problems = new ArrayList<Unreadable>();
    var dropped = new ArrayList<Dropped>();
    var raw = new ArrayList<RawFile>();
    for (var source : sources) {
      var inspection = new Inspection(configuration, source, limits);
      var own = new ArrayList<InputFile>();
      for (var found : files.apply(source)) {
        inspection.look(found.status(), found.name(), own, problems);
        raw.add(found.file());
      }
      Editions.choose(own, dropped);
      good.addAll(own);
    }
    return new Inputs(
        List.copyOf(good), List.copyOf(problems), List.copyOf(dropped), List.copyOf(raw));
  }

  /**
   * All files of {@code sources}, none of them looked into.
   *
   * @param known names of sources that may have no file any more: whoever fetches text elsewhere
   *     may take it away when it was read
   * @throws InputException if a path of another source leads to no file
   */
  public static List<RawFile> listed(
      Configuration configuration, List<SourceSettings> sources, Set<String> known) {
    var listed = new ArrayList<RawFile>();
    for (var source : sources) {
      var found =
          known.contains(source.label())
              ? stillThere(configuration, source)
              : statuses(configuration, source);
      listed.addAll(named(source, found.keySet()));
    }
    return listed;
  }

  private static TreeMap<String, FileStatus> stillThere(
      Configuration configuration, SourceSettings source) {
    var found = new TreeMap<String, FileStatus>();
    for (var setting : source.paths()) {
      try {
        collect(configuration, setting, found);
      } catch (FileNotFoundException gone) {
        // nothing is there, then
      } catch (IOException e) {
        throw unreachable(setting, source, e);
      }
    }
    return found;
  }

  private static List<RawFile> named(SourceSettings source, Collection<String> paths) {
    var parent = commonFolder(List.copyOf(paths));
    return paths.stream()
        .map(path -> new RawFile(source.label(), path.substring(parent.length()), path, ""))
        .toList();
  }

  private static FileStatus status(TreeMap<String, FileStatus> found, RawFile file) {
    return Objects.requireNonNull(found.get(file.path()));
  }

  private static FileStatus status(Configuration configuration, RawFile file) {
    try {
      var path = new Path(file.path());
      return path.getFileSystem(configuration).getFileStatus(path);
    } catch (IOException e) {
      throw new InputException(
          e,
          "%s was there a moment ago and cannot be read now (source %s): run again when files no"
              + " longer move",
          file.path(),
          file.source());
    }
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

  /** The same files with their hashes; they are read once, by tasks. */
  public static List<RawFile> hashed(JavaSparkContext spark, List<RawFile> files) {
    var configuration = new SerializableConfiguration(spark.hadoopConfiguration());
    var tasks = Math.max(1, Math.min(files.size(), 1000));
    return spark
        .parallelize(files, tasks)
        .map(file -> file.with(hash(file, configuration)))
        .collect();
  }

  /** The same, read here and now. */
  public static List<RawFile> hashed(Configuration configuration, List<RawFile> files) {
    var serializable = new SerializableConfiguration(configuration);
    var hashed = new ArrayList<RawFile>();
    for (var file : files) {
      try {
        hashed.add(file.with(hash(file, serializable)));
      } catch (IOException e) {
        throw new InputException(
            e, "%s cannot be read (source %s): %s", file.path(), file.source(), e.toString());
      }
    }
    return hashed;
  }

  /** A hash of the names and bytes of each source's files, by source. */
  public static SortedMap<String, String> hashes(List<RawFile> hashed) {
    var lines = new TreeMap<String, List<String>>();
    hashed.forEach(
        file ->
            lines
                .computeIfAbsent(file.source(), source -> new ArrayList<>())
                .add(file.name() + " " + file.sha256()));
    var hashes = new TreeMap<String, String>();
    lines.forEach((source, all) -> hashes.put(source, Sha256.of(String.join("\n", all))));
    return hashes;
  }

  private static String hash(RawFile file, SerializableConfiguration configuration)
      throws IOException {
    var path = new Path(file.path());
    var digest = Sha256.digest();
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
        collect(configuration, setting, found);
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

  private static void collect(
      Configuration configuration, java.nio.file.Path setting, TreeMap<String, FileStatus> found)
      throws IOException {
    var path = HadoopStorage.hadoop(setting);
    var fileSystem = path.getFileSystem(configuration);
    var matches = fileSystem.globStatus(path);
    if (matches == null || matches.length == 0) {
      throw new FileNotFoundException("nothing there");
    }
    for (var match : matches) {
      collect(fileSystem, match, found);
    }
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
