using System.Globalization;
using System.Reflection;

namespace UsageTracking.Stores;

/// <summary>The numbered schema scripts of one engine. A line that begins with <c>-- *</c> names a step for -WhatIf.</summary>
internal sealed class SchemaScripts
{
    private readonly string _folder;

    public SchemaScripts(string engine)
    {
        _folder = $"UsageTracking.Stores.{engine}.Schema.";
        Latest = Assembly.GetExecutingAssembly().GetManifestResourceNames()
            .Where(n => n.StartsWith(_folder, StringComparison.Ordinal))
            .Select(n => int.Parse(n[_folder.Length..].Split('.')[0], CultureInfo.InvariantCulture))
            .Max();
    }

    /// <summary>The version this program writes.</summary>
    public int Latest { get; }

    /// <summary>The text of one script.</summary>
    public string Read(int version)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(
            string.Create(CultureInfo.InvariantCulture, $"{_folder}{version:000}.sql"))!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The steps from a version to the latest.</summary>
    public IReadOnlyList<string> Steps(int after) =>
        [.. Enumerable.Range(after + 1, Latest - after)
            .SelectMany(v => Read(v).Split('\n'))
            .Where(l => l.StartsWith("-- * ", StringComparison.Ordinal))
            .Select(l => l[5..].Trim())];

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
