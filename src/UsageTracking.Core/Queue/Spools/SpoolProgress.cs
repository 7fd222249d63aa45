using System.Text.Json;

namespace UsageTracking.Queue.Spools;

/// <summary>
/// How far a spool has come, for those who look at it from outside and for the next owner. The position that counts is the
/// store's; only the id of the store binds.
/// </summary>
/// <param name="StoreId">The store's own id, known from the first drain on.</param>
/// <param name="Stored">The position reached.</param>
/// <param name="LastError">Why the last attempt to store failed; null once one succeeds.</param>
internal sealed record SpoolProgress(Guid? StoreId, long Stored, string? LastError)
{
    /// <summary>The name in the store, where it is not that of the folder: another process sends under that.</summary>
    public Guid? SentAs { get; init; }

    private const string FileName = "progress.json";

    public void Write(string folder, bool sync) => OwnerOnly.Replace(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this), sync);

    /// <summary>The beginning where it cannot be read.</summary>
    public static SpoolProgress Read(string folder) => JsonFile.Read<SpoolProgress>(Path.Combine(folder, FileName)) ?? new SpoolProgress(null, 0, null);
}
