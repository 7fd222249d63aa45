namespace UsageTracking.Charts.Terminal;

/// <summary>What a terminal can show.</summary>
public sealed record TerminalSettings
{
    /// <summary>How many columns a line may have.</summary>
    public required int Width { get; init; }

    /// <summary>How many lines a chart should have.</summary>
    public required int Height { get; init; }

    /// <summary>Whether to keep to ASCII.</summary>
    public bool IsAscii { get; init; }

    /// <summary>Whether to use colours, by escape sequences.</summary>
    public bool UsesColour { get; init; }
}
