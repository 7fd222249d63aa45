using System.Globalization;
using System.Text.RegularExpressions;

namespace UsageTracking.Tests;

/// <summary>Holds the house that design section 1 describes, by reading the sources of the core.</summary>
public sealed partial class ArchitectureTests
{
    /// <summary>Which rooms each room may know. A new room gets its line here.</summary>
    private static readonly Dictionary<string, string[]> MayKnow = new()
    {
        [""] = [],
        ["Time"] = [],
        ["Metering"] = ["Time"],
        ["Stores"] = ["Metering", "Time"],
        ["Queue"] = ["Stores", "Metering"],
        ["Quotas"] = ["Stores", "Metering", "Time"],
        ["Reports"] = ["Quotas", "Stores", "Metering", "Time"],
        ["Readings"] = ["Quotas", "Stores", "Metering", "Time"],
        ["Files"] = ["Stores", "Metering", "Time"],
        ["Copies"] = ["Stores", "Metering"],
        ["Charts"] = ["Reports", "Time"],
        ["Watch"] = ["Charts", "Reports", "Quotas", "Queue", "Stores", "Metering", "Time"],
        ["Jobs"] = [],
        ["Health"] = ["Reports", "Queue", "Stores", "Time"],
        ["Profiles"] = ["Stores"],
        ["Session"] = ["Profiles", "Jobs", "Files", "Readings", "Quotas", "Reports", "Queue", "Stores", "Metering", "Time"],
    };

    private static readonly IReadOnlyList<Source> Sources = ReadSources();

    [Fact]
    public void The_core_has_sources_to_read() => Assert.InRange(Sources.Count, 20, 1000);

    [Fact]
    public void Every_room_is_one_of_the_house() => None(Sources.Where(s => !MayKnow.ContainsKey(s.Room)).Select(s => s.Path));

    [Fact]
    public void Every_source_is_in_the_namespace_of_its_folder() => None(
        from source in Sources
        let folder = Path.GetDirectoryName(source.Path)!.Replace(Path.DirectorySeparatorChar, '.')
        let expected = folder == "" ? "UsageTracking" : "UsageTracking." + folder
        where source.Namespace != expected
        select $"{source.Path} is in {source.Namespace}");

    [Fact]
    public void Arrows_point_one_way() => None(
        from source in Sources
        where MayKnow.ContainsKey(source.Room)
        from room in RoomsNamed(source)
        where room != source.Room && !MayKnow[source.Room].Contains(room)
        select $"{source.Path} knows {room}");

    [Fact]
    public void The_picture_of_the_house_has_each_room_above_those_that_it_knows()
    {
        string picture = File.ReadAllText(Path.Combine(CoreFolder(), "..", "..", "docs", "images", "house.svg"));
        var floors = Floor().Matches(picture).ToDictionary(m => m.Groups["room"].Value, m => int.Parse(m.Groups["floor"].Value, CultureInfo.InvariantCulture));

        Assert.Equal(MayKnow.Keys.Where(r => r != "").Order(), floors.Keys.Order());
        None(
            from room in floors.Keys
            from known in MayKnow[room]
            where floors[known] <= floors[room]
            select $"{known} is not below {room}");
    }

    [Fact]
    public void The_two_engines_do_not_know_each_other() => None(
        from source in Sources
        where (Under(source, "Stores/Sqlite") && source.Code.Contains("Stores.Postgres", StringComparison.Ordinal))
            || (Under(source, "Stores/Postgres") && source.Code.Contains("Stores.Sqlite", StringComparison.Ordinal))
        select source.Path);

    [Fact]
    public void Only_the_session_knows_which_engines_there_are() => None(
        from source in Sources
        where source.Room != "Session" && !Under(source, "Stores/Sqlite") && !Under(source, "Stores/Postgres")
        where source.Code.Contains("Stores.Sqlite", StringComparison.Ordinal) || source.Code.Contains("Stores.Postgres", StringComparison.Ordinal)
        select source.Path);

    [Fact]
    public void Each_engines_library_is_used_in_its_own_folder_only()
    {
        None(Mentioning("Microsoft.Data.Sqlite").Where(s => !Under(s, "Stores/Sqlite")).Select(s => s.Path));
        None(Mentioning("SQLitePCL").Where(s => !Under(s, "Stores/Sqlite")).Select(s => s.Path));
        // A connection string has to be read before it is known whose it is.
        None(Mentioning("Npgsql").Where(s => !Under(s, "Stores/Postgres") && s.Path != Path.Combine("Session", "StoreLocator.cs")).Select(s => s.Path));
        Assert.NotEmpty(Mentioning("Microsoft.Data.Sqlite"));
        Assert.NotEmpty(Mentioning("Npgsql"));
    }

    [Fact]
    public void All_SQL_is_in_the_stores()
    {
        None(Sources.Where(s => s.Room != "Stores" && Sql().IsMatch(s.Code)).Select(s => $"{s.Path}: {Sql().Match(s.Code).Value}"));
        Assert.Contains(Sources, s => Under(s, "Stores/Sqlite") && Sql().IsMatch(s.Code));
        None(Directory.EnumerateFiles(CoreFolder(), "*.sql", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(CoreFolder(), f))
            .Where(f => !IsBuilt(f) && !f.StartsWith("Stores" + Path.DirectorySeparatorChar, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_core_knows_nothing_of_PowerShell() =>
        None(Sources.Where(s => s.Code.Contains("System.Management.Automation", StringComparison.Ordinal)).Select(s => s.Path));

    [Fact]
    public void The_core_refers_to_no_assembly_of_PowerShell() => Assert.DoesNotContain(
        typeof(UsageException).Assembly.GetReferencedAssemblies(),
        a => a.Name!.Contains("Automation", StringComparison.Ordinal) || a.Name.Contains("PowerShell", StringComparison.Ordinal));

    /// <remarks>What its one type needs to speak (an enum, a record) may stand before it.</remarks>
    [Fact]
    public void A_source_is_named_after_the_first_type_it_declares_but_for_enums_and_records() => None(
        from source in Sources
        let name = Path.GetFileName(source.Path).Split('.')[0]
        let types = source.Types
        let first = types.Where((t, i) => t.Name == name || i == types.Count - 1 || t.Kind is not ("enum" or "record" or "record struct")).FirstOrDefault()
        where first.Name != name
        select $"{source.Path} declares {first.Name}");

    private static void None(IEnumerable<string> offenders) => Assert.Empty(offenders);

    private static IEnumerable<string> RoomsNamed(Source source)
    {
        foreach (Match match in Room().Matches(source.Code))
            yield return match.Groups["room"].Value;

        // Inside of UsageTracking, Stores.IUsageStore needs no using.
        foreach (string room in MayKnow.Keys.Where(r => r != ""))
        {
            IEnumerable<string> types = Sources.Where(s => s.Room == room).SelectMany(s => s.Types).Select(t => t.Name);
            if (types.Any() && Regex.IsMatch(source.Code, $@"(?<![\w.]){room}\.({string.Join('|', types)})\b"))
                yield return room;
        }
    }

    private static bool Under(Source source, string folder) =>
        source.Path.StartsWith(folder.Replace('/', Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static IEnumerable<Source> Mentioning(string name) => Sources.Where(s => s.Code.Contains(name, StringComparison.Ordinal));

    private static bool IsBuilt(string path) => path.Split(Path.DirectorySeparatorChar)[0] is "obj" or "bin";

    private static Source[] ReadSources() =>
    [
        .. from file in Directory.EnumerateFiles(CoreFolder(), "*.cs", SearchOption.AllDirectories)
           let path = Path.GetRelativePath(CoreFolder(), file)
           where !IsBuilt(path)
           orderby path
           select new Source(path, Comment().Replace(File.ReadAllText(file), m => m.Groups["comment"].Success ? "" : m.Value)),
    ];

    private static string CoreFolder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "global.json")))
            folder = folder.Parent;

        Assert.NotNull(folder);
        return Path.Combine(folder.FullName, "src", "UsageTracking.Core");
    }

    [GeneratedRegex(@"data-room=""(?<room>\w+)"" data-floor=""(?<floor>\d+)""")]
    private static partial Regex Floor();

    [GeneratedRegex(@"\bUsageTracking\.(?<room>\w+)")]
    private static partial Regex Room();

    [GeneratedRegex(@"\b(SELECT|INSERT INTO|DELETE FROM|CREATE (TABLE|INDEX)|ALTER TABLE|DROP TABLE|TRUNCATE|UPDATE \w+ SET)\s")]
    private static partial Regex Sql();

    // Strings are matched too, so that what looks like a comment in one stays.
    [GeneratedRegex(""""
        (?<string>"""[\s\S]*?"""|@"(?:[^"]|"")*"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+')|(?<comment>//[^\n]*|/\*[\s\S]*?\*/)
        """")]
    private static partial Regex Comment();

    [GeneratedRegex(
        @"^(?:(?:public|internal|file|sealed|abstract|static|readonly|ref|partial|unsafe)\s+)*(?<kind>class|struct|interface|enum|delegate\s+\S+|record\s+struct|record\s+class|record)\s+(?<name>\w+)",
        RegexOptions.Multiline)]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex(@"^namespace\s+(?<name>[\w.]+)\s*;", RegexOptions.Multiline)]
    private static partial Regex NamespaceDeclaration();

    /// <summary>A source file without its comments.</summary>
    private sealed record Source(string Path, string Code)
    {
        /// <summary>The folder below the core that it is in; empty for the core itself.</summary>
        public string Room { get; } = Path.Contains(System.IO.Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.Split(System.IO.Path.DirectorySeparatorChar)[0] : "";

        public string Namespace { get; } = NamespaceDeclaration().Match(Code).Groups["name"].Value;

        /// <summary>The types it declares that are nested in no other, in their order.</summary>
        public IReadOnlyList<(string Name, string Kind)> Types { get; } =
            [.. TypeDeclaration().Matches(Code).Select(m => (m.Groups["name"].Value, m.Groups["kind"].Value))];
    }
}
