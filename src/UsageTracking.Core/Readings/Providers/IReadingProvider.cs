using UsageTracking.Stores;

namespace UsageTracking.Readings.Providers;

/// <summary>What a provider says of one line.</summary>
/// <param name="Meter">The line's name, as a meter.</param>
/// <param name="Kind">What it says.</param>
/// <param name="InBytes">Whether in bytes, or in the service's unit.</param>
/// <param name="Value">The number, as the provider wrote it.</param>
public sealed record ProviderReading(string Meter, ReadingKind Kind, bool InBytes, string Value);

/// <summary>
/// A provider that can be asked by HTTP with a name and a password. A new one is a class of this kind and a line in
/// <see cref="ReadingProviders"/>.
/// </summary>
public interface IReadingProvider
{
    /// <summary>The name users give.</summary>
    string Name { get; }

    /// <summary>Where it is asked.</summary>
    Uri Address { get; }

    /// <summary>What it answers, in short, for messages.</summary>
    string Expected { get; }

    /// <summary>Reads its answer.</summary>
    /// <exception cref="FormatException">It is another one than expected; the message says what is wrong with it.</exception>
    IReadOnlyList<ProviderReading> Read(string answer);
}
