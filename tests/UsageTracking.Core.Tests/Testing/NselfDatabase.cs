using System.Reflection;

namespace UsageTracking.Tests.Testing;

/// <summary>SQL that makes an nself database; see tests/nself.</summary>
internal static class NselfDatabase
{
    /// <summary>What migration 015 makes.</summary>
    public static string Tables => Read("tables");

    /// <summary>What migration 019 adds.</summary>
    public static string Policies => Read("policies");

    /// <summary>Three customers with a little usage, and views of another program over it.</summary>
    public static string SomeUsage => Read("some-usage");

    /// <summary>A hundred thousand rows more.</summary>
    public static string ManyRows => Read("many-rows");

    private static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"nself.{name}.sql")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
