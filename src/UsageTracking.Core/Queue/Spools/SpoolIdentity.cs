using System.Text.Json;
using System.Text.Json.Serialization;

namespace UsageTracking.Queue.Spools;

/// <summary>Whose spool it is; written once, when it is created. Holds no user and no password of the store.</summary>
/// <param name="Version">The version of its format.</param>
/// <param name="SpoolId">Its name in the store.</param>
/// <param name="Store">The address of the store its records go to.</param>
/// <param name="Owner">The id of the process that writes it.</param>
/// <param name="Machine">The machine that process runs on.</param>
/// <param name="CreatedAt">When it was created.</param>
internal sealed record SpoolIdentity(int Version, Guid SpoolId, string Store, int Owner, string Machine, DateTimeOffset CreatedAt)
{
    public const int CurrentVersion = 1;

    private const string FileName = "spool.json";

    /// <summary>Whether this version of the module knows its format; one that a later version wrote is left to that version.</summary>
    [JsonIgnore]
    public bool IsReadable => Version <= CurrentVersion;

    public void Write(string folder) => OwnerOnly.Replace(Path.Combine(folder, FileName), JsonSerializer.SerializeToUtf8Bytes(this), sync: false);

    /// <summary>Null where it cannot be read.</summary>
    public static SpoolIdentity? Read(string folder) => JsonFile.Read<SpoolIdentity>(Path.Combine(folder, FileName));
}
