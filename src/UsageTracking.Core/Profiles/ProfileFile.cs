using System.Security.AccessControl;
using System.Security.Principal;

namespace UsageTracking.Profiles;

/// <summary>Reads and writes small files that are nobody else's business, whole or not at all.</summary>
internal static class ProfileFile
{
    /// <summary>Reads a file; empty where there is none.</summary>
    /// <param name="path">The file.</param>
    /// <param name="isSecret">Whether it is refused where others could have read it.</param>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>, <c>SecretFileExposed</c>.</exception>
    public static byte[] Read(string path, bool isSecret) => Guard(path, () =>
    {
        if (!File.Exists(path))
            return [];

        return isSecret && OwnerOnly.IsExposed(path)
            ? throw new UsageException(UsageErrorKind.StoreNotReady, "SecretFileExposed", $"'{path}' holds passwords, and others than its owner have rights on it. Run: chmod 600 '{path.Replace("'", "'\\''", StringComparison.Ordinal)}'. Change the passwords if somebody may have read them.", path)
            : File.ReadAllBytes(path);
    });

    /// <summary>Replaces a file in one step; nobody but its owner can read it at any time.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>.</exception>
    public static void Write(string path, byte[] content) => Guard(path, () =>
    {
        // A link stays one, and what it leads to is replaced.
        string target = new FileInfo(path).LinkTarget is null ? path : File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
        string folder = Path.GetDirectoryName(target)!;
        OwnerOnly.CreateFolder(folder);
        string temporary = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var file = new FileStream(temporary, OwnerOnly.NewFile(FileShare.Read)))
            {
                if (OperatingSystem.IsWindows())
                    Restrict(temporary);

                file.Write(content);
                DiskSync.Flush(file);
            }

            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            // Gone already where all went well.
            File.Delete(temporary);
        }

        return true;
    });

    /// <summary>Waits until no other process changes the profiles, and keeps them from doing so until it is disposed.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>.</exception>
    public static IDisposable Lock(string path) => Guard(path, () =>
    {
        OwnerOnly.CreateFolder(Path.GetDirectoryName(path)!);
        FileStreamOptions options = OwnerOnly.NewFile(FileShare.None);
        options.Mode = FileMode.OpenOrCreate;
        for (int tries = 100; ; tries--)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (tries > 0)
            {
                Thread.Sleep(50);
            }
        }
    });

    [System.Runtime.Versioning.SupportedOSPlatform("windows")]
    private static void Restrict(string path)
    {
        using var user = WindowsIdentity.GetCurrent();
        var rights = new FileSecurity();
        rights.SetAccessRuleProtection(isProtected: true, preserveInheritance: false);
        rights.AddAccessRule(new FileSystemAccessRule(user.User!, FileSystemRights.FullControl, AccessControlType.Allow));
        new FileInfo(path).SetAccessControl(rights);
    }

    private static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(UsageErrorKind.StoreNotReady, "ProfileFileFailed", $"'{path}' cannot be used: {cause.Message}", path, cause);
        }
    }
}
