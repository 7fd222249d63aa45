using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace UsageTracking;

/// <summary>Sends what was written to a file to the disk, and says so where it does not get there.</summary>
internal static class DiskSync
{
    private const int Interrupted = 4;
    private const int Invalid = 22;

    /// <summary>Returns when all of it is on the disk.</summary>
    /// <exception cref="IOException">There is no room for it after all, or the disk fails.</exception>
    public static void Flush(FileStream file)
    {
        // On Unix .NET calls fsync(2) too, but takes its failure for success (8 and 10 do), and Linux tells a failure only once.
        file.Flush(flushToDisk: !OperatingSystem.IsLinux());
        if (OperatingSystem.IsWindows())
            return;

        while (Sync(file.SafeFileHandle) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            // Some file systems know no such thing.
            if (error == Invalid)
                return;
            if (error != Interrupted)
                throw new IOException($"{Marshal.GetPInvokeErrorMessage(error)} : '{file.Name}'", error);
        }
    }

    [DllImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Sync(SafeFileHandle file);
}
