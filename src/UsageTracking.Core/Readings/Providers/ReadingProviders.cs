namespace UsageTracking.Readings.Providers;

/// <summary>The providers there are.</summary>
public static class ReadingProviders
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IReadingProvider> All { get; } = [new AndrewsArnold()];

    /// <summary>Finds one by name, in any case.</summary>
    /// <exception cref="UsageException"><c>UnknownProvider</c>.</exception>
    public static IReadingProvider Find(string name) =>
        All.FirstOrDefault(p => p.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) ?? throw new UsageException(
            UsageErrorKind.NotFound, "UnknownProvider",
            $"There is no provider '{name}'. These can be asked: {string.Join(", ", All.Select(p => p.Name))}. Readings of others can be added with Add-UsageReading.", name);
}
