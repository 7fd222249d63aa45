using System.Text.RegularExpressions;
using UsageTracking.Stores;

namespace UsageTracking.Profiles;

/// <summary>A profile to be saved. No record: its text would be the password.</summary>
public sealed partial class NewProfile
{
    /// <summary>Its name; whatever its case, there is one profile of a name.</summary>
    public required string Name { get; init; }

    /// <summary>The store.</summary>
    public required StoreAddress Address { get; init; }

    /// <summary>How to connect a server, without any secret; null for a file.</summary>
    public string? ConnectionString { get; init; }

    /// <summary>The customer of calls that name none; null leaves that open.</summary>
    public string? CustomerId { get; init; }

    /// <summary>The zone of calls that name none; null leaves that open.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Whether there is a password to keep.</summary>
    public bool HasPassword => Password is not null;

    internal string? UserName { get; init; }

    /// <summary>The password file that the connection or the environment names, or null.</summary>
    internal string? PassFile { get; init; }

    internal string? Password { get; init; }

    /// <summary>Checks a name.</summary>
    /// <exception cref="UsageException"><c>InvalidProfileName</c>.</exception>
    public static string CheckName(string name) => ValidName().IsMatch(name)
        ? name
        : throw UsageException.Invalid("InvalidProfileName", $"'{name}' cannot name a profile. Use up to 50 letters and digits, with single hyphens, underscores or points between them.", name);

    // What names of secrets can be in the vaults there are.
    [GeneratedRegex("^(?=.{1,50}\\z)[A-Za-z0-9]+([-_.][A-Za-z0-9]+)*\\z")]
    private static partial Regex ValidName();
}
