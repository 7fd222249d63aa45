using System.Security.Cryptography;
using UsageTracking.Files.Import;
using UsageTracking.Stores;

namespace UsageTracking.Files.Archives;

/// <summary>Holds an archive's file against what its manifest says.</summary>
public static class ArchiveCheck
{
    /// <summary>Reads the whole file.</summary>
    /// <returns>The manifest.</returns>
    /// <exception cref="UsageException"><c>ManifestNotFound</c>, <c>FileNotFound</c>, <c>FileNotRead</c>, or <c>ArchiveDamaged</c>, with what is wrong.</exception>
    public static async Task<ArchiveManifest> RunAsync(string path, ArchiveProgress progress, CancellationToken cancel)
    {
        ArchiveManifest manifest = ArchiveManifest.Read(path);
        await HashAsync(path, manifest.Archive.Sha256, progress, cancel);
        Count(path, manifest.Totals, manifest.Archive.Records, progress, cancel);
        return manifest;
    }

    /// <summary>The error for a file and manifest that agree with each other, but not with the store.</summary>
    public static UsageException OtherThanEntered(string path, StoredArchive entered) => ArchiveReader.Damaged(path, FormattableString.Invariant(
        $"the store has it entered with {Wording.Count(entered.Records, "record")} and the SHA-256 {entered.Sha256}."));

    /// <summary>Refuses a file that has not just this SHA-256.</summary>
    internal static async Task HashAsync(string path, string sha256, ArchiveProgress progress, CancellationToken cancel)
    {
        string actual = await HashAsync(path, progress, cancel);
        if (actual != sha256)
            throw ArchiveReader.Damaged(path, $"its SHA-256 is {actual}, and was {sha256}.");
    }

    /// <summary>The SHA-256 of a file, in lower-case hexadecimal digits.</summary>
    internal static async Task<string> HashAsync(string path, ArchiveProgress progress, CancellationToken cancel)
    {
        progress.Begin("Checking the file's SHA-256");
        using SourceFile file = SourceFile.OpenAsIs(path);
        try
        {
            return Convert.ToHexString(await SHA256.HashDataAsync(file.Content, cancel)).ToLowerInvariant();
        }
        catch (IOException error)
        {
            throw SourceFile.NotRead(path, error);
        }
    }

    /// <summary>Reads every record, and refuses a file whose records do not add up.</summary>
    internal static void Count(string path, ArchiveTotals expected, long records, ArchiveProgress progress, CancellationToken cancel)
    {
        progress.Begin("Reading the file back", records);
        var totals = new ArchiveTotals();
        foreach (ArchivedRecord record in ArchiveReader.Read(path, cancel))
        {
            totals.Add(record);
            progress.Add(1);
        }

        if (totals.Records != records || !totals.AddsUpTo(expected))
            throw ArchiveReader.Damaged(path, FormattableString.Invariant($"its {Wording.Count(totals.Records, "record")} do not add up to the {records:N0} that were archived."));
    }
}
