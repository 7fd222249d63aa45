using System.Globalization;
using UsageTracking.Queue;
using UsageTracking.Time;

namespace UsageTracking.Session;

/// <summary>One option: its name, the environment variable that may set it, its default, and how its text is read.</summary>
/// <param name="Name">The name.</param>
/// <param name="EnvironmentVariable">The variable.</param>
/// <param name="Default">The default, as text.</param>
/// <param name="Parse">Reads the text; throws <see cref="FormatException"/> with what would be right.</param>
public sealed record OptionDefinition(string Name, string EnvironmentVariable, string Default, Func<string, object> Parse)
{
    /// <summary>Every option there is.</summary>
    public static IReadOnlyList<OptionDefinition> All { get; } =
    [
        new(nameof(UsageOptions.BatchSize), "USAGE_BATCH_SIZE", "100", WholeNumber),
        new(nameof(UsageOptions.BatchTimeout), "USAGE_BATCH_TIMEOUT", "5", Seconds),
        new(nameof(UsageOptions.AlertWarning), "USAGE_ALERT_WARNING", "75", Percent),
        new(nameof(UsageOptions.AlertCritical), "USAGE_ALERT_CRITICAL", "90", Percent),
        new(nameof(UsageOptions.AlertExceeded), "USAGE_ALERT_EXCEEDED", "100", Percent),
        new(nameof(UsageOptions.TimeZone), "USAGE_TIMEZONE", "UTC", Zone),
        new(nameof(UsageOptions.AutoCreateCustomer), "USAGE_AUTO_CREATE_CUSTOMER", "true", Truth),
        new(nameof(UsageOptions.Durability), "USAGE_DURABILITY", "Machine", OneOf<Durability>),
        new(nameof(UsageOptions.QueueLimit), "USAGE_QUEUE_LIMIT", "1073741824", Bytes),
        new(nameof(UsageOptions.QueueFullAction), "USAGE_QUEUE_FULL_ACTION", "Block", OneOf<FullAction>),
        new(nameof(UsageOptions.QueueFullTimeout), "USAGE_QUEUE_FULL_TIMEOUT", "30", Seconds),
    ];

    /// <summary>The environment variables of all options.</summary>
    internal static IReadOnlyList<string> Variables { get; } = [.. All.Select(o => o.EnvironmentVariable)];

    /// <summary>Finds an option by name.</summary>
    public static OptionDefinition Get(string name) => All.First(o => o.Name == name);

    /// <summary>Reads a value and says where a wrong one came from.</summary>
    /// <exception cref="UsageException"><c>InvalidOption</c>.</exception>
    public object Read(string text, string source)
    {
        try
        {
            return Parse(text);
        }
        catch (FormatException cause)
        {
            throw UsageException.Invalid("InvalidOption", $"The option {Name} is '{text}' ({source}). {cause.Message}", text, cause);
        }
    }

    private static object WholeNumber(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? number
            : throw new FormatException("Give a whole number above zero.");

    private static object Seconds(string text)
    {
        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal seconds) && seconds is > 0 and <= 86_400)
            return TimeSpan.FromSeconds((double)seconds);

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out TimeSpan span) && span > TimeSpan.Zero && span <= TimeSpan.FromDays(1)
            ? span
            : throw new FormatException("Give seconds above zero, up to a day.");
    }

    private static object Percent(string text) =>
        decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal percent) && percent > 0
            ? percent
            : throw new FormatException("Give a percentage above zero, such as 75.");

    private static object Zone(string text)
    {
        try
        {
            return Zones.Find(text);
        }
        catch (UsageException cause)
        {
            throw new FormatException(cause.Message, cause);
        }
    }

    private static object OneOf<T>(string text)
        where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) && !char.IsAsciiDigit(text.TrimStart()[0])
            ? value
            : throw new FormatException($"Give one of {string.Join(", ", Enum.GetNames<T>())}.");

    private static object Bytes(string text)
    {
        const long Least = 64 * 1024;
        string digits = text.Trim().ToUpperInvariant();
        (string number, long unit) = digits.Length > 2 && digits[^1] == 'B' && "KMGT".IndexOf(digits[^2], StringComparison.Ordinal) is >= 0 and int power
            ? (digits[..^2], 1L << (10 * (power + 1)))
            : (digits, 1);
        return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count <= (1L << 50) / unit && count * unit >= Least
            ? count * unit
            : throw new FormatException("Give bytes, 64KB or more, such as 1GB.");
    }

    private static object Truth(string text) => text.Trim().ToUpperInvariant() switch
    {
        "TRUE" or "1" or "YES" or "ON" => true,
        "FALSE" or "0" or "NO" or "OFF" => false,
        _ => throw new FormatException("Give true or false."),
    };
}
