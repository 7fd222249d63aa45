using System.Security.Cryptography;

namespace UsageTracking.Files.Archives;

/// <summary>The file of an archive and its manifest while they are made. Nobody but their owner can read them.</summary>
internal sealed class ArchiveFiles(string path)
{
    private bool _hasManifest;
    private bool _hasFile;
    private bool _isKept;

    public string Path => path;

    /// <summary>The file's name before it is known to be good; it says the format, as the file is read back under it.</summary>
    public string Temporary { get; } = AtomicFile.TemporaryName(path) + ArchivePath.ExtensionOf(path);

    private string Manifest => ArchivePath.ManifestOf(path);

    public static UsageException Exists(string path, Exception? cause) => new(
        UsageErrorKind.Conflict, "FileExists", $"'{path}' exists already, and an archive never takes another's place. Name a new file, or a folder for a name of its own.", path, cause);

    /// <summary>Writes the file under its temporary name, and to the disk.</summary>
    /// <returns>The SHA-256 of what was written, in lower-case hexadecimal digits.</returns>
    /// <exception cref="UsageException"><c>FileNotWritten</c>.</exception>
    public async Task<string> WriteAsync(Func<Stream, Task> write)
    {
        try
        {
            using var sha256 = SHA256.Create();
            await using var file = new FileStream(Temporary, NewFile());
            await using (var hashed = new CryptoStream(file, sha256, CryptoStreamMode.Write, leaveOpen: true))
                await write(hashed);

            DiskSync.Flush(file);
            return Convert.ToHexString(sha256.Hash!).ToLowerInvariant();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(error.Message, error);
        }
    }

    /// <summary>Gives the file its name, and it its manifest, which says that the records have not left the store yet.</summary>
    /// <exception cref="UsageException"><c>FileExists</c> or <c>FileNotWritten</c>.</exception>
    public void Place(ArchiveManifest manifest)
    {
        try
        {
            // The manifest first: a file without one would not say that its records are in the store.
            Write(manifest, overwrite: false);
            _hasManifest = true;
            ProtocolStep.Pass("archive manifest");
            File.Move(Temporary, path, overwrite: false);
            _hasFile = true;
            FolderSync.Flush(System.IO.Path.GetDirectoryName(path)!);
        }
        catch (IOException error) when (!_hasFile && File.Exists(_hasManifest ? path : Manifest))
        {
            throw Exists(_hasManifest ? path : Manifest, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw NotWritten(error.Message, error);
        }
    }

    /// <summary>Lets the manifest say that the records have left.</summary>
    /// <returns>False where it could not be written; the store knows all the same.</returns>
    public bool TryReplace(ArchiveManifest manifest)
    {
        try
        {
            Write(manifest, overwrite: true);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private void Write(ArchiveManifest manifest, bool overwrite)
    {
        string temporary = AtomicFile.TemporaryName(Manifest);
        try
        {
            using (var stream = new FileStream(temporary, NewFile()))
            {
                manifest.Write(stream);
                DiskSync.Flush(stream);
            }

            File.Move(temporary, Manifest, overwrite);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    public void Keep() => _isKept = true;

    public void RemoveUnlessKept()
    {
        File.Delete(Temporary);
        if (_isKept)
            return;

        // In this order: a file without a manifest would not say that its records are in the store.
        if (_hasFile)
            File.Delete(path);
        if (_hasManifest)
            File.Delete(Manifest);
    }

    private static FileStreamOptions NewFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        return options;
    }

    /// <summary>The error of a file that is not as it should be.</summary>
    public UsageException NotWritten(string reason, Exception error) =>
        new(UsageErrorKind.LimitReached, "FileNotWritten", $"'{path}' could not be written, and no record left the store: {reason}", path, error);
}
