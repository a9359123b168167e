package io.lorashear.run;

import io.lorashear.settings.Storage;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Operations on folders and their contents. */
final class FileTrees {
  private FileTrees() {}

  /** Every file below {@code folder}, in the order of their relative names. */
  static List<Path> files(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      return paths
          .filter(Files::isRegularFile)
          .sorted(Comparator.comparing(file -> name(folder, file)))
          .toList();
    }
  }

  /** Size of {@code path} and everything below it, in bytes; 0 if it does not exist. */
  static long bytes(Path path) throws IOException {
    if (!Files.exists(path)) {
      return 0;
    }
    long bytes = 0;
    for (Path file : files(path)) {
      bytes += Files.size(file);
    }
    return bytes;
  }

  static String name(Path folder, Path file) {
    return folder.relativize(file).toString().replace('\\', '/');
  }

  /** Deletes {@code path} if it exists. Links are removed, never followed. */
  static void delete(Path path) throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /**
   * Gives all contents of {@code folder} the permissions of new files and folders there, because
   * temporary or copied files keep their own.
   */
  static void rightsOfNew(Path folder) throws IOException {
    if (!Files.getFileStore(folder).supportsFileAttributeView(PosixFileAttributeView.class)) {
      return;
    }
    var newFolder = Files.createDirectory(folder.resolve(".new"));
    var newFile = Files.createFile(newFolder.resolve("file"));
    var file = Files.getPosixFilePermissions(newFile);
    var subfolder = Files.getPosixFilePermissions(newFolder);
    delete(newFolder);
    try (var paths = Files.walk(folder)) {
      for (Path path : (Iterable<Path>) paths::iterator) {
        var rights = Files.isDirectory(path) ? subfolder : file;
        if (!Files.isSymbolicLink(path) && !Files.getPosixFilePermissions(path).equals(rights)) {
          Files.setPosixFilePermissions(path, rights);
        }
      }
    }
  }

  /** Asks the system to write a file, or a folder's names, to the disk now. */
  static void sync(Path path) throws IOException {
    if (!Storage.isLocal(path)) {
      return; // in an object store, closing a file writes it
    }
    try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
