using System.Globalization;
using System.Reflection;

namespace UsageTracking.Stores;

/// <summary>
/// The schema scripts of one engine: numbered ones, and others by name. A line that begins with <c>-- *</c> names a step for
/// -WhatIf.
/// </summary>
internal sealed class SchemaScripts
{
    private const string StepMark = "-- * ";

    private readonly string _folder;

    public SchemaScripts(string engine)
    {
        _folder = $"UsageTracking.Stores.{engine}.Schema.";
        Latest = Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith(_folder, StringComparison.Ordinal))
            .Max(n => int.TryParse(n[_folder.Length..].Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int version) ? version : 0);
    }

    /// <summary>The version this program writes.</summary>
    public int Latest { get; }

    /// <summary>The text of the script of one version.</summary>
    public string Read(int version) => Read(version.ToString("000", CultureInfo.InvariantCulture));

    /// <summary>The text of a script by its name.</summary>
    public string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"{_folder}{name}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The steps from a version to the latest.</summary>
    public IReadOnlyList<string> Steps(int after) => [.. Enumerable.Range(after + 1, Latest - after).SelectMany(v => Steps(Read(v)))];

    /// <summary>The steps that a script names.</summary>
    public static IEnumerable<string> Steps(string script) => script.Split('\n')
        .Where(l => l.StartsWith(StepMark, StringComparison.Ordinal))
        .Select(l => l[StepMark.Length..].Trim());

    /// <summary>A script cut into its steps, each with its name.</summary>
    public static IEnumerable<string> Cut(string script) => script.Split("\n" + StepMark)
        .Select((part, i) => i == 0 ? part : StepMark + part);

    /// <summary>Refuses a schema that a newer version of this program made.</summary>
    /// <exception cref="UsageException"><c>StoreTooNew</c>.</exception>
    public void CheckNotNewer(int version, StoreAddress address)
    {
        if (version > Latest)
        {
            throw new UsageException(UsageErrorKind.StoreNotReady, "StoreTooNew",
                $"The store {address} has schema version {version}; this version of UsageTracking knows up to {Latest}. Update the module.", address);
        }
    }
}
