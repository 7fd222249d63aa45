namespace UsageTracking.Tests.Testing;

/// <summary>
/// A disk that takes more than there is room for, and fails when the system really writes, as thin provisioned and network ones do.
/// Only root on Linux can have one.
/// </summary>
internal sealed class ThinDisk : IDisposable
{
    private readonly TinyDisk _under;
    private readonly string _folder;

    private ThinDisk(TinyDisk under, string folder) => (_under, _folder) = (under, folder);

    public string Path => _folder;

    /// <summary>Null where none can be mounted, with the reason.</summary>
    public static ThinDisk? TryMount(out string reason)
    {
        if (TinyDisk.TryMount(out reason) is not { } under)
            return null;

        string image = System.IO.Path.Combine(under.Path, "image");
        string folder = Directory.CreateTempSubdirectory("usage-disk-").FullName;
        using (FileStream file = File.Create(image))
            file.SetLength(16 * 1024 * 1024);
        if (TinyDisk.Run("mkfs.ext4", "-q", "-F", "-O", "^has_journal", image) && TinyDisk.Run("mount", "-o", "loop", image, folder))
            return new ThinDisk(under, folder);

        Directory.Delete(folder);
        File.Delete(image);
        under.Dispose();
        reason = "The system mounts no file as a disk.";
        return null;
    }

    /// <summary>Lets nothing more be really written.</summary>
    public void Fill() => _under.Fill(leave: 0);

    public void Dispose()
    {
        // What it still holds it can write then.
        _under.Free();
        Assert.True(TinyDisk.Run("umount", _folder), $"{_folder} is still mounted.");
        Directory.Delete(_folder);
        _under.Dispose();
    }
}
