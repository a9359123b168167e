package io.lorashear.spark.job;

import io.lorashear.run.DiskSpace;
import java.io.File;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * An archive of loaded classes that speeds up the next start (JEP 350, class-data sharing). It is
 * made once, at the end of a command that loaded most classes; without it a start is only slower.
 *
 * @param file file to create; the launcher derives its name from the jars and the Java version
 * @param jars jars of the class path, with their modification times when the program started
 */
record ClassArchive(Path file, Map<Path, FileTime> jars) {
  /** System property with the path of {@link #file}. */
  private static final String PROPERTY = "lorashear.classes";

  /** A class and its loader; a hidden class has another number between them. */
  private static final Pattern NAMED = Pattern.compile("[^/]+/[^/]+");

  /**
   * Minimum number of loaded classes. A stage on Spark loads 15,000 classes, and an archive made
   * from fewer would never be replaced.
   */
  private static final int MOST_CLASSES = 12_000;

  /**
   * Required free disk space, several times the archive's size, because a JVM that cannot finish
   * writing its archive exits.
   */
  private static final long FREE_BYTES = 1L << 30;

  /** The archive that the launcher asks for; empty if it exists or is impossible. */
  static Optional<ClassArchive> wanted() {
    return Optional.ofNullable(System.getProperty(PROPERTY))
        .flatMap(file -> ofNow(Path.of(file), System.getProperty("java.class.path")));
  }

  private static Optional<ClassArchive> ofNow(Path file, String classPath) {
    try {
      return Optional.of(new ClassArchive(file, written(classPath)));
    } catch (IOException e) {
      return Optional.empty(); // a missing jar is not a reason to fail
    }
  }

  static Map<Path, FileTime> written(String classPath) throws IOException {
    var jars = new TreeMap<Path, FileTime>();
    for (var jar : classPath.split(File.pathSeparator, -1)) {
      jars.put(Path.of(jar), Files.getLastModifiedTime(Path.of(jar)));
    }
    return jars;
  }

  /** Makes the archive if enough classes were loaded; failures are ignored. */
  void make() {
    if (ManagementFactory.getClassLoadingMXBean().getLoadedClassCount() < MOST_CLASSES) {
      return;
    }
    var folder = Objects.requireNonNull(file.getParent());
    try {
      Files.createDirectories(folder);
      if (DiskSpace.free(folder) >= FREE_BYTES && unchanged()) {
        System.err.println("keeping the program's classes for quicker starts: " + folder);
        make(ClassArchive::dump);
      }
    } catch (IOException | JMException e) {
      System.err.println("they could not be kept: " + e);
    }
  }

  /** Whether the jars are unchanged since they were loaded. */
  boolean unchanged() throws IOException {
    for (var jar : jars.entrySet()) {
      if (!Files.exists(jar.getKey())
          || !Files.getLastModifiedTime(jar.getKey()).equals(jar.getValue())) {
        return false;
      }
    }
    return true;
  }

  /** Writes an archive to a file. */
  interface Dump {
    void to(Path file) throws IOException, JMException;
  }

  /**
   * Lets a single process make the archive. If that process dies, the marker file stays, and no
   * other process tries again.
   */
  void make(Dump dump) throws IOException, JMException {
    var begun = file.resolveSibling(file.getFileName() + ".begun");
    try {
      Files.createFile(begun);
    } catch (FileAlreadyExistsException e) {
      return;
    }
    dump.to(begun);
    Files.move(begun, file, StandardCopyOption.ATOMIC_MOVE);
    deleteOlder();
  }

  /** Deletes older archives of the same checkout, whose names begin alike up to the dash. */
  private void deleteOlder() throws IOException {
    var name = file.getFileName().toString();
    var checkout = name.substring(0, name.indexOf('-') + 1);
    DirectoryStream.Filter<Path> older =
        other -> !other.equals(file) && other.getFileName().toString().startsWith(checkout);
    try (var archives = Files.newDirectoryStream(Objects.requireNonNull(file.getParent()), older)) {
      for (var archive : archives) {
        Files.deleteIfExists(archive);
      }
    }
  }

  /**
   * Lets another JVM write an archive of all classes that are loaded here, because a JVM's own dump
   * omits classes that were loaded but not yet used, as most are at a start.
   */
  static void dump(Path file) throws IOException, JMException {
    var list = file.resolveSibling(file.getFileName() + ".list");
    Files.write(list, loaded());
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.addAll(List.of("-Xshare:dump", "-XX:SharedClassListFile=" + list));
    command.addAll(List.of("-XX:SharedArchiveFile=" + file, "-XX:TieredStopAtLevel=1"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    try {
      int code = ended(new ProcessBuilder(command));
      if (code != 0 || Files.size(file) == 0) {
        throw new IOException("java -Xshare:dump ended with " + code);
      }
    } finally {
      Files.delete(list);
    }
  }

  private static int ended(ProcessBuilder program) throws IOException {
    var process = program.redirectErrorStream(true).redirectOutput(Redirect.DISCARD).start();
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("stopped");
    }
  }

  /** Names of the loaded classes in the format of a class list, without hidden classes. */
  private static List<String> loaded() throws JMException {
    var command = new ObjectName("com.sun.management:type=DiagnosticCommand");
    var signature = new String[] {String[].class.getName()};
    var hierarchy =
        ManagementFactory.getPlatformMBeanServer()
            .invoke(command, "vmClassHierarchy", new Object[] {new String[0]}, signature);
    return hierarchy
        .toString()
        .lines()
        .map(line -> line.replaceFirst("^[| -]+", ""))
        .filter(line -> NAMED.matcher(line).matches())
        .map(line -> line.substring(0, line.indexOf('/')).replace('.', '/'))
        .toList();
  }
}
