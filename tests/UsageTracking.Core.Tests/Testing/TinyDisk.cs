using System.Diagnostics;

namespace UsageTracking.Tests.Testing;

/// <summary>A disk of one mebibyte, for tests that fill it. Only root on Linux can have one.</summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly string _folder;

    private TinyDisk(string folder) => _folder = folder;

    public string Path => _folder;

    private string Filler => System.IO.Path.Combine(_folder, "filler");

    /// <summary>Null where none can be mounted, with the reason.</summary>
    public static TinyDisk? TryMount(out string reason)
    {
        reason = "Only root on Linux can mount a small disk.";
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return null;

        string folder = Directory.CreateTempSubdirectory("usage-disk-").FullName;
        if (Run("mount", "-t", "tmpfs", "-o", "size=1m", "none", folder))
            return new TinyDisk(folder);

        Directory.Delete(folder);
        reason = "The system mounts no tmpfs.";
        return null;
    }

    /// <summary>Lets a file of somebody else take what is left but for some bytes.</summary>
    public void Fill(int leave)
    {
        long free = new DriveInfo(_folder).AvailableFreeSpace - leave;
        File.WriteAllBytes(Filler, new byte[free]);
    }

    public void Free() => File.Delete(Filler);

    public void Dispose()
    {
        Assert.True(Run("umount", _folder), $"{_folder} is still mounted.");
        Directory.Delete(_folder);
    }

    internal static bool Run(string program, params string[] arguments)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
