namespace UsageTracking.Files;

/// <summary>Writes a file whole or not at all: under a temporary name beside the target, then moved.</summary>
public static class AtomicFile
{
    private const int BufferSize = 256 * 1024;

    /// <summary>Refuses a target that exists, unless it may be replaced, and one that cannot be a file at all.</summary>
    /// <exception cref="UsageException"><c>FileExists</c>, <c>FolderNotFound</c>, <c>NotAFile</c>.</exception>
    public static void Check(string path, bool overwrite)
    {
        if (Directory.Exists(path))
            throw UsageException.Invalid("NotAFile", $"'{path}' is a folder. Name a file in it.", path);

        if (Path.GetDirectoryName(path) is { } folder && !Directory.Exists(folder))
            throw new UsageException(UsageErrorKind.NotFound, "FolderNotFound", $"There is no folder '{folder}'. Create it first, or name another.", path);

        if (!overwrite && File.Exists(path))
            throw Exists(path, null);
    }

    /// <summary>Writes the file; what was there before is there until all is written.</summary>
    /// <param name="path">The full path of the target.</param>
    /// <param name="overwrite">Whether a file that is there may be replaced.</param>
    /// <param name="write">Writes the content, and leaves the stream open.</param>
    /// <exception cref="UsageException"><c>FileExists</c>, <c>FolderNotFound</c>, <c>NotAFile</c>, or <c>FileNotWritten</c>.</exception>
    public static FileInfo Write(string path, bool overwrite, Action<Stream> write) => WriteAsync(path, overwrite, stream =>
    {
        write(stream);
        return Task.CompletedTask;
    }).GetAwaiter().GetResult();

    /// <inheritdoc cref="Write"/>
    public static async Task<FileInfo> WriteAsync(string path, bool overwrite, Func<Stream, Task> write)
    {
        Check(path, overwrite);
        string temporary = TemporaryName(path);
        try
        {
            await using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferSize))
            {
                await write(stream);
                // Some disks only now say that they are full, and without it the name could outlive a power cut, but not the content.
                DiskSync.Flush(stream);
            }

            File.Move(temporary, path, overwrite);
            return new FileInfo(path);
        }
        catch (IOException error) when (!overwrite && File.Exists(path))
        {
            // Somebody was faster.
            throw Exists(path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(UsageErrorKind.LimitReached, "FileNotWritten", $"'{path}' could not be written: {error.Message}", path, error);
        }
        finally
        {
            // Gone already where all went well.
            File.Delete(temporary);
        }
    }

    /// <summary>A name beside a file, for what is to take its place; not made of the file's own, which may be as long as a name can be.</summary>
    internal static string TemporaryName(string path) => Path.Combine(Path.GetDirectoryName(path) ?? "", $".{Guid.NewGuid():N}.tmp");

    private static UsageException Exists(string path, Exception? cause) =>
        new(UsageErrorKind.Conflict, "FileExists", $"'{path}' exists already. -Force replaces it.", path, cause);
}
