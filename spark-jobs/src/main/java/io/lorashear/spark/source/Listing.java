package io.lorashear.spark.source;

import io.lorashear.InputException;
import io.lorashear.spark.store.HadoopStorage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;

/**
 * The files at the paths of a source.
 *
 * @param files files by path, in order and without repeats
 * @param leavings paths of files that are not documents, see {@link Leavings}
 */
record Listing(TreeMap<String, FileStatus> files, Set<String> leavings) {
  /**
   * All files of a source.
   *
   * @throws InputException if a path leads to no file
   */
  static Listing of(Configuration configuration, SourceSettings source) {
    var listing = new Listing(new TreeMap<>(), new TreeSet<>());
    for (var setting : source.paths()) {
      try {
        listing.collect(configuration, setting);
      } catch (IOException e) {
        throw unreachable(setting, source, e);
      }
      if (listing.files.isEmpty()) {
        throw new InputException(
            "%s holds no file (source %s): put the corpus there, or correct the path in the"
                + " settings",
            setting, source.label());
      }
    }
    return listing;
  }

  /** All files of a source that may have none. */
  static Listing ofWhatIsThere(Configuration configuration, SourceSettings source) {
    var listing = new Listing(new TreeMap<>(), new TreeSet<>());
    for (var setting : source.paths()) {
      try {
        listing.collect(configuration, setting);
      } catch (FileNotFoundException gone) {
        // the path has no files
      } catch (IOException e) {
        throw unreachable(setting, source, e);
      }
    }
    return listing;
  }

  private void collect(Configuration configuration, java.nio.file.Path setting) throws IOException {
    var path = HadoopStorage.hadoop(setting);
    var fileSystem = path.getFileSystem(configuration);
    var matches = fileSystem.globStatus(path);
    if (matches == null || matches.length == 0) {
      throw new FileNotFoundException("nothing there");
    }
    var named = fileSystem.exists(path);
    for (var match : matches) {
      if (!match.isDirectory() && !named && Leavings.has(match.getPath().getName())) {
        leavings.add(Inputs.text(match.getPath()));
      } else {
        collect(fileSystem, match);
      }
    }
  }

  private void collect(FileSystem fileSystem, FileStatus status) throws IOException {
    if (!status.isDirectory()) {
      files.put(Inputs.text(status.getPath()), status);
      return;
    }
    for (var child : fileSystem.listStatus(status.getPath())) {
      var name = child.getPath().getName();
      if (child.isDirectory() ? Leavings.hasFolder(name) : Leavings.has(name)) {
        leavings.add(Inputs.text(child.getPath()));
      } else {
        collect(fileSystem, child);
      }
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
}
