package io.lorashear.spark.source;

import io.lorashear.InputException;
import io.lorashear.run.Sha256;
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
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The files of some sources, found and inspected on the driver.
 *
 * @param files inspected files, in order of source and name
 * @param problems files with faults
 * @param dropped files that are left out without being read
 * @param raw all files that were found, without hashes
 * @param settings settings that fit no record of their source, with the fitting value
 * @param notes remarks on the files for the user
 */
public record Inputs(
    List<InputFile> files,
    List<Unreadable> problems,
    List<Dropped> dropped,
    List<RawFile> raw,
    List<String> settings,
    List<String> notes) {
  /** Files of so few bytes are hashed in less time than a Spark job needs to start. */
  private static final int FEW = 16;

  private static final long LITTLE_BYTES = 8 << 20;

  private static final int FILES_AT_ONCE = 200;

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
          var listing = Listing.of(configuration, source);
          var found = listing.files();
          var files =
              named(source, found.keySet()).stream()
                  .map(file -> new Found(file, file.name(), status(found, file)))
                  .toList();
          return new Lot(files, names(listing.leavings()));
        });
  }

  /**
   * Inspects only {@code wanted}, which are then named by their content.
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
            new Lot(
                wanted.stream()
                    .filter(file -> file.source().equals(source.label()))
                    .map(file -> new Found(file, file.nameByContent(), status(configuration, file)))
                    .toList(),
                List.of()));
  }

  private record Found(RawFile file, String name, FileStatus status) {}

  /** The files of one source, and names of other files next to them. */
  private record Lot(List<Found> files, List<String> leavings) {}

  private static List<String> names(Collection<String> paths) {
    return paths.stream().map(path -> path.substring(path.lastIndexOf('/') + 1)).toList();
  }

  private static Inputs inspected(
      Configuration configuration,
      List<SourceSettings> sources,
      LimitSettings limits,
      Function<SourceSettings, Lot> lots) {
    var inputs =
        new Inputs(
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    for (var i = 0; i < sources.size(); i++) {
      inputs.add(configuration, sources.get(i), i, limits, lots.apply(sources.get(i)));
    }
    return new Inputs(
        List.copyOf(inputs.files),
        List.copyOf(inputs.problems),
        List.copyOf(inputs.dropped),
        List.copyOf(inputs.raw),
        List.copyOf(inputs.settings),
        List.copyOf(inputs.notes));
  }

  private void add(
      Configuration configuration,
      SourceSettings source,
      int index,
      LimitSettings limits,
      Lot lot) {
    var inspection = new Inspection(configuration, source, limits);
    var own = new ArrayList<InputFile>();
    for (var found : lot.files()) {
      inspection.look(found.status(), found.name(), own, problems);
      raw.add(found.file());
    }
    Editions.choose(own, dropped);
    files.addAll(own);
    var first = new FirstRecords(configuration);
    first.look(own);
    var look = new SourceLook(source, index, inspection, first);
    var problem = look.problem(own.size());
    problem.ifPresent(settings::add);
    if (problem.isEmpty()) {
      problems.addAll(inspection.withoutColumn());
    }
    look.beside(lot.leavings()).ifPresent(notes::add);
  }

  /**
   * All files of {@code sources}, without inspection.
   *
   * @param known names of sources that may have no files any more, because files may be removed
   *     after they were read
   * @throws InputException if a path of another source leads to no file
   */
  public static List<RawFile> listed(
      Configuration configuration, List<SourceSettings> sources, Set<String> known) {
    var listed = new ArrayList<RawFile>();
    for (var source : sources) {
      var found =
          known.contains(source.label())
              ? Listing.ofWhatIsThere(configuration, source)
              : Listing.of(configuration, source);
      listed.addAll(named(source, found.files().keySet()));
    }
    return listed;
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

  /** The fault of the file with this name. */
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
   * The same files with their hashes; tasks compute them, unless starting tasks takes longer than
   * reading.
   */
  public static List<RawFile> hashed(JavaSparkContext spark, List<RawFile> files) {
    if (little(spark.hadoopConfiguration(), files)) {
      return hashed(spark.hadoopConfiguration(), files);
    }
    var configuration = new SerializableConfiguration(spark.hadoopConfiguration());
    return spark
        .parallelize(files, hashingTasks(files.size(), spark.defaultParallelism()))
        .map(file -> file.with(hash(file, configuration)))
        .collect();
  }

  private static boolean little(Configuration configuration, List<RawFile> files) {
    return files.size() <= FEW
        && files.stream().mapToLong(file -> status(configuration, file).getLen()).sum()
            <= LITTLE_BYTES;
  }

  /** Number of hashing tasks: some for each core, for balance; more only for many files. */
  static int hashingTasks(int files, int cores) {
    return Math.max(1, Math.min(files, Math.max(4 * cores, files / FILES_AT_ONCE)));
  }

  /** The same files with their hashes, computed in this process. */
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

  /** Stored bytes of all files. */
  public long bytes() {
    return files.stream().mapToLong(InputFile::size).sum();
  }

  /** Number of files of one source, without those that have problems. */
  public long count(String source) {
    return files.stream().filter(file -> file.source().equals(source)).count();
  }

  /**
   * A path in canonical spelling: globs return local paths with one slash after the colon, names
   * have three.
   */
  static String text(Path path) {
    return path.toString().replaceFirst("^file:/+", "file:/");
  }

  /** The deepest folder that contains all paths, with a trailing slash. */
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
