namespace UsageTracking.Queue.Spools;

/// <summary>
/// The folder of one spool, held by a lock that the operating system frees when the process ends, however it ends.
/// Neither process ids nor file times say who is alive.
/// </summary>
internal sealed class SpoolHome : IDisposable
{
    private const string LockName = "owner.lock";

    private readonly FileStream _lock;

    private SpoolHome(string path, Guid spoolId, FileStream @lock) => (Folder, SpoolId, _lock) = (path, spoolId, @lock);

    public string Folder { get; }

    public Guid SpoolId { get; }

    /// <summary>Creates a spool's folder below that of its store.</summary>
    public static SpoolHome Create(string storeFolder, Guid spoolId)
    {
        string path = Path.Combine(storeFolder, spoolId.ToString());
        OwnerOnly.CreateFolder(path);
        SpoolHome home = Locked(path, spoolId, FileMode.CreateNew);
        if (IsHeld(path))
            return home;

        home.Remove();
        throw new UnauthorizedAccessException("Files cannot be locked there, so that another session might take the records away.");
    }

    /// <summary>Takes the spool of a dead process; null where its owner lives, or somebody else was quicker.</summary>
    public static SpoolHome? TryTake(string path)
    {
        if (!Guid.TryParse(Path.GetFileName(path), out Guid spoolId))
            return null;

        try
        {
            return Locked(path, spoolId, FileMode.OpenOrCreate);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether a living process holds the spool.</summary>
    public static bool IsHeld(string path)
    {
        try
        {
            // Shared: two that look do not get in each other's way.
            using FileStream look = new(Path.Combine(path, LockName), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    /// <summary>Removes the folder with all that is in it, and lets go of it.</summary>
    public void Remove()
    {
        foreach (string file in Directory.EnumerateFiles(Folder).Where(f => Path.GetFileName(f) != LockName))
            File.Delete(file);

        // The lock is let go last: until then nobody else takes the folder. Windows deletes no file that is open.
        if (OperatingSystem.IsWindows())
            _lock.Dispose();

        File.Delete(Path.Combine(Folder, LockName));
        Directory.Delete(Folder);
        _lock.Dispose();
    }

    public void Dispose() => _lock.Dispose();

    private static SpoolHome Locked(string path, Guid spoolId, FileMode mode)
    {
        FileStreamOptions options = OwnerOnly.NewFile(FileShare.None);
        options.Mode = mode;
        var file = new FileStream(Path.Combine(path, LockName), options);
        // Between opening and locking somebody else may have had it, and removed it.
        if (File.Exists(file.Name))
            return new SpoolHome(path, spoolId, file);

        file.Dispose();
        throw new IOException($"The folder {path} was removed by another process.");
    }
}
