namespace UsageTracking;

/// <summary>Folders and files that nobody but their owner can read; on Windows they inherit the rights of the user's own folder.</summary>
internal static class OwnerOnly
{
    private const UnixFileMode Others =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;

        // Each folder on the way: .NET gives these rights to the last one only.
        if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
            CreateFolder(parent);

        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public static FileStreamOptions NewFile(FileShare share)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        return options;
    }

    /// <summary>Whether others have rights on a file or folder; on Windows that is never asked.</summary>
    public static bool IsExposed(string path) => !OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != UnixFileMode.None;

    /// <summary>Replaces a small file in one step: readers see the old text or the new one.</summary>
    public static void Replace(string path, byte[] content, bool sync)
    {
        string temporary = path + ".new";
        FileStreamOptions options = NewFile(FileShare.Read);
        options.Mode = FileMode.Create;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            if (sync)
                DiskSync.Flush(file);
        }

        File.Move(temporary, path, overwrite: true);
    }
}
