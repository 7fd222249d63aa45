namespace UsageTracking.Profiles;

/// <summary>The profiles of this user, and where their passwords are.</summary>
public sealed class ProfileBook
{
    private const string ProfilesName = "profiles.json";

    private readonly ISecretVault _vault;
    private readonly string _profiles;
    private readonly string _secrets;
    private readonly string _lock;

    /// <summary>Opens nothing yet.</summary>
    /// <param name="folder">The folder of the files; it need not exist.</param>
    /// <param name="vault">What keeps passwords outside of them.</param>
    public ProfileBook(string folder, ISecretVault vault)
    {
        _vault = vault;
        _profiles = Path.Combine(folder, ProfilesName);
        _secrets = Path.Combine(folder, "profile-secrets.json");
        _lock = Path.Combine(folder, "profiles.lock");
    }

    /// <summary>All profiles, by name.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>.</exception>
    public IReadOnlyList<UsageProfile> Get() => Describe(ReadEntries());

    /// <summary>All profiles of a folder, by name.</summary>
    /// <exception cref="UsageException"><c>ProfileFileFailed</c>.</exception>
    internal static IReadOnlyList<UsageProfile> List(string folder) => Describe(ReadEntries(Path.Combine(folder, ProfilesName)));

    /// <summary>The profile of that name, in any case.</summary>
    /// <exception cref="UsageException"><c>ProfileNotFound</c>: the message names those there are. <c>ProfileFileFailed</c>.</exception>
    public UsageProfile Find(string name)
    {
        IReadOnlyList<UsageProfile> all = Get();
        return all.FirstOrDefault(p => p.Entry.IsNamed(name)) ?? throw NotFound(name, all);
    }

    /// <summary>The error about a name that no profile has.</summary>
    public static UsageException NotFound(string name, IReadOnlyList<UsageProfile> known) => new(
        UsageErrorKind.NotFound, "ProfileNotFound", $"There is no profile '{name}'. {(known.Count == 0 ? "There are none yet: see Save-UsageProfile." : $"The profiles are {string.Join(", ", known.Select(p => p.Name))}.")}", name);

    /// <summary>Refuses a name that is taken.</summary>
    /// <exception cref="UsageException"><c>ProfileExists</c>, <c>ProfileFileFailed</c>.</exception>
    public void CheckFree(string name) => CheckFree(name, ReadEntries());

    /// <summary>Chooses where the password of a profile is kept; null where it has none.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="asked">The way that was asked for.</param>
    /// <param name="vault">The vault that was asked for, or null.</param>
    /// <exception cref="UsageException">
    /// <c>SecretManagementNotFound</c>, <c>SecretVaultNotFound</c>: what was asked for is not there. <c>InvalidSecretStore</c>: the
    /// password cannot be kept that way.
    /// </exception>
    public SecretPlace? Choose(NewProfile profile, ProfileSecretStore asked, string? vault)
    {
        if (vault is not null && asked is ProfileSecretStore.File or ProfileSecretStore.PgPass)
            throw Invalid($"A vault has nothing to do with {asked}. Leave -Vault out, or give -SecretStore SecretManagement.", asked);

        if (!profile.HasPassword)
            return null;

        return asked switch
        {
            ProfileSecretStore.File => InFile(null),
            ProfileSecretStore.PgPass => InPassFile(profile),
            ProfileSecretStore.Auto when vault is null => FindVault(null, _vault.GetVaults() ?? []) is { } usual
                ? new SecretPlace(ProfileSecretStore.SecretManagement, usual, null, null)
                : InFile($"The password of profile {profile.Name} is in the file {_secrets}, as it is: whoever can read your files, such as an administrator or a backup, can read it. Set up a vault of Microsoft.PowerShell.SecretManagement and save the profile again with -Force, or give -SecretStore."),
            _ => InVault(vault),
        };
    }

    /// <summary>Saves a profile and its password.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="place">Where <see cref="Choose"/> says that its password is kept.</param>
    /// <param name="replace">Whether it may take the place of one of its name, and its password that of another one in a password file.</param>
    /// <exception cref="UsageException">
    /// <c>ProfileExists</c>, <c>PgPassEntryExists</c>, <c>SecretFileExposed</c>, <c>SecretVaultFailed</c>, <c>ProfileFileFailed</c>.
    /// </exception>
    public UsageProfile Save(NewProfile profile, SecretPlace? place, bool replace)
    {
        using IDisposable turn = ProfileFile.Lock(_lock);
        List<ProfileEntry> entries = ReadEntries();
        if (!replace)
            CheckFree(profile.Name, entries);

        List<ProfileEntry> others = entries.FindAll(e => !e.IsNamed(profile.Name));
        var entry = new ProfileEntry
        {
            Name = profile.Name,
            Kind = profile.Address.Kind.ToString(),
            Address = profile.Address.Text,
            ConnectionString = profile.ConnectionString,
            CustomerId = profile.CustomerId,
            TimeZone = profile.TimeZone,
            SecretStore = place?.Store,
            Vault = place?.Vault,
        };
        // The password first: a profile without its password would be no use.
        entry = Keep(entry, profile, place, entries, replace);
        ProfileJson.Write(_profiles, others.Append(entry).ToList());
        if (entries.Find(e => e.IsNamed(profile.Name)) is { } before && !before.SharesSecret(entry))
            Forget(before, others);

        return new UsageProfile(entry);
    }

    /// <summary>Removes a profile and its password.</summary>
    /// <exception cref="UsageException">
    /// <c>SecretFileExposed</c>, <c>ProfileFileFailed</c>: it is still there. <c>SecretVaultFailed</c>: it is gone, and only its password is left.
    /// </exception>
    public void Remove(UsageProfile profile)
    {
        using IDisposable turn = ProfileFile.Lock(_lock);
        List<ProfileEntry> entries = ReadEntries();
        if (entries.Find(e => e.IsNamed(profile.Name)) is not { } entry)
            return;

        entries.Remove(entry);
        // A vault may be gone for good, and must not hold the profile.
        if (entry.Vault is null)
            Forget(entry, entries);

        ProfileJson.Write(_profiles, entries);
        if (entry.Vault is not null)
            Forget(entry, entries);
    }

    /// <summary>The password that this program keeps, or a vault does; null where there is none, or PostgreSQL's own file has it.</summary>
    /// <exception cref="UsageException"><c>SecretNotFound</c>, <c>SecretFileExposed</c>, <c>SecretVaultFailed</c>, <c>ProfileFileFailed</c>.</exception>
    internal string? ReadPassword(UsageProfile profile) => profile.SecretStore switch
    {
        ProfileSecretStore.SecretManagement => _vault.Get(profile.Entry.Vault!, ProfileEntry.SecretName(profile.Name)),
        ProfileSecretStore.File => ReadSecrets().GetValueOrDefault(ProfileEntry.SecretName(profile.Name)) ?? throw new UsageException(
            UsageErrorKind.NotFound, "SecretNotFound", $"The password of profile {profile.Name} is no longer in '{_secrets}'. Save-UsageProfile {profile.Name} -Force saves both again.", profile.Name),
        _ => null,
    };

    private ProfileEntry Keep(ProfileEntry entry, NewProfile profile, SecretPlace? place, List<ProfileEntry> entries, bool replace)
    {
        switch (place?.Store)
        {
            case ProfileSecretStore.SecretManagement:
                _vault.Set(place.Vault!, ProfileEntry.SecretName(entry.Name), profile.Password!);
                return entry;
            case ProfileSecretStore.File:
                Dictionary<string, string> secrets = ReadSecrets();
                secrets[ProfileEntry.SecretName(entry.Name)] = profile.Password!;
                ProfileJson.Write(_secrets, secrets);
                return entry;
            case ProfileSecretStore.PgPass:
                return KeepInPassFile(entry with { PassFile = place.File, PassKey = KeyOf(profile) }, profile.Password!, entries, replace);
            default:
                return entry;
        }
    }

    private static ProfileEntry KeepInPassFile(ProfileEntry entry, string password, List<ProfileEntry> entries, bool replace)
    {
        string? known = PgPassFile.Find(entry.PassFile!, entry.PassKey!);
        bool writes = known != PgPassFile.Escape(password);
        if (writes && known is not null && !replace)
        {
            throw new UsageException(UsageErrorKind.Conflict, "PgPassEntryExists",
                $"'{entry.PassFile}' has another password for {entry.PassKey![..^1]}. Leave the password out of the connection to use that one, or give -Force to replace it.", entry.PassKey[..^1]);
        }

        if (writes)
            PgPassFile.Set(entry.PassFile!, entry.PassKey!, password);

        // What somebody else wrote stays theirs.
        return entry with { OwnsPassLine = writes || entries.Exists(e => e.OwnsPassLine && e.SharesSecret(entry)) };
    }

    /// <summary>Removes the password of a profile that is no longer, unless another profile has the same.</summary>
    private void Forget(ProfileEntry entry, List<ProfileEntry> others)
    {
        switch (entry.SecretStore)
        {
            case ProfileSecretStore.SecretManagement:
                _vault.Remove(entry.Vault!, ProfileEntry.SecretName(entry.Name));
                break;
            case ProfileSecretStore.File:
                Dictionary<string, string> secrets = ReadSecrets();
                if (secrets.Remove(ProfileEntry.SecretName(entry.Name)))
                    ProfileJson.Write(_secrets, secrets);
                break;
            case ProfileSecretStore.PgPass when entry.OwnsPassLine && !others.Exists(e => e.SharesSecret(entry)):
                PgPassFile.Remove(entry.PassFile!, entry.PassKey!);
                break;
        }
    }

    private SecretPlace InFile(string? warning) => new(ProfileSecretStore.File, null, _secrets, warning);

    private static SecretPlace InPassFile(NewProfile profile)
    {
        if (string.IsNullOrEmpty(profile.UserName))
            throw Invalid("A line of PostgreSQL's password file is for one user. Name the user in the connection.", profile.Address.Text);

        // Each server of a list would need a line.
        if (profile.Address.HostName!.Contains(',', StringComparison.Ordinal))
            throw Invalid("A line of PostgreSQL's password file is for one server, and the connection names several. Choose another -SecretStore.", profile.Address.Text);

        if ((KeyOf(profile) + profile.Password).AsSpan().IndexOfAny("\r\n\0") >= 0)
            throw Invalid("A password with a line break cannot stand in PostgreSQL's password file. Choose another -SecretStore.", profile.Address.Text);

        return new SecretPlace(ProfileSecretStore.PgPass, null, Path.GetFullPath(profile.PassFile ?? PgPassFile.DefaultPath), null);
    }

    private SecretPlace InVault(string? name)
    {
        IReadOnlyList<SecretVaultName> vaults = _vault.GetVaults() ?? throw new UsageException(
            UsageErrorKind.NotFound, "SecretManagementNotFound", "The module Microsoft.PowerShell.SecretManagement is not installed. Install it and a vault (Install-PSResource Microsoft.PowerShell.SecretManagement, Microsoft.PowerShell.SecretStore), or choose another -SecretStore.");
        return FindVault(name, vaults) is { } vault
            ? new SecretPlace(ProfileSecretStore.SecretManagement, vault, null, null)
            : throw new UsageException(UsageErrorKind.NotFound, "SecretVaultNotFound",
                (name is null ? "SecretManagement has no default vault." : $"SecretManagement has no vault '{name}'.")
                + (vaults.Count == 0 ? " Register one with Register-SecretVault." : $" Name one with -Vault: {string.Join(", ", vaults.Select(v => v.Name))}."), name);
    }

    private static string? FindVault(string? name, IReadOnlyList<SecretVaultName> vaults) =>
        vaults.FirstOrDefault(v => name is null ? v.IsDefault : v.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Name;

    private static string KeyOf(NewProfile profile) =>
        PgPassFile.Key(profile.Address.HostName!, profile.Address.Port!.Value, profile.Address.Database!, profile.UserName!);

    private static void CheckFree(string name, List<ProfileEntry> entries)
    {
        if (entries.Find(e => e.IsNamed(name)) is { } taken)
            throw new UsageException(UsageErrorKind.Conflict, "ProfileExists", $"There is a profile {taken.Name} already, for {taken.Address}. -Force replaces it.", taken.Name);
    }

    private static IReadOnlyList<UsageProfile> Describe(List<ProfileEntry> entries) =>
        [.. entries.Select(e => new UsageProfile(e)).OrderBy(p => p.Name, StringComparer.OrdinalIgnoreCase)];

    private List<ProfileEntry> ReadEntries() => ReadEntries(_profiles);

    private static List<ProfileEntry> ReadEntries(string path) => ProfileJson.Read<List<ProfileEntry>>(path, isSecret: false);

    private Dictionary<string, string> ReadSecrets() => ProfileJson.Read<Dictionary<string, string>>(_secrets, isSecret: true);

    private static UsageException Invalid(string message, object target) => UsageException.Invalid("InvalidSecretStore", message, target);
}
