namespace UsageTracking.Metering;

/// <summary>What to define of a service, or to change; null leaves a value as it is, or takes the usual one where there is none yet.</summary>
/// <param name="Name">The service's name.</param>
public sealed record ServiceChange(string Name)
{
    private const int LongestName = 100;

    /// <summary>What a quantity of one is.</summary>
    public string? Unit { get; init; }

    /// <summary>Whether the unit is made of gigabytes.</summary>
    public bool? CountsBytes { get; init; }

    /// <summary>Its place in the catalogue; a new one comes last.</summary>
    public int? SortOrder { get; init; }

    /// <summary>The service as it is to be.</summary>
    /// <exception cref="UsageException"><c>InvalidService</c>.</exception>
    public Service Apply(ServiceCatalogue catalogue)
    {
        if (catalogue.TryGet(Name, out Service? before))
        {
            return new Service(
                before.Name, Check(Unit?.Trim() ?? before.Unit), CountsBytes ?? before.CountsBytes, SortOrder ?? before.SortOrder);
        }

        string name = Name.Trim();
        if (name.Length is 0 or > LongestName || name.Any(c => char.IsControl(c) || c is '*' or '?' or '[' or ']' or ':'))
            throw UsageException.Invalid("InvalidService", $"'{Name}' is no name for a service. It has 1 to {LongestName} characters, none of * ? [ ] :", Name);

        return new Service(
            name,
            Check(Unit?.Trim() ?? throw UsageException.Invalid("InvalidService", $"There is no service '{name}' yet. A new one needs a unit, such as -Unit messages.", name)),
            CountsBytes ?? false,
            SortOrder ?? (catalogue.Services.Count == 0 ? 1 : catalogue.Services.Max(s => s.SortOrder) + 1));
    }

    private string Check(string unit) =>
        unit.Length > 0 && !unit.Any(char.IsControl) ? unit : throw UsageException.Invalid("InvalidService", "A unit is a word or a few, such as messages.", Name);
}
