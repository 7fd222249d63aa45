using UsageTracking.Queue;
using UsageTracking.Quotas;

namespace UsageTracking.Session;

/// <summary>The options in force, each from the first of: this process, the environment, the store, the default.</summary>
public sealed class UsageOptions
{
    private readonly Dictionary<string, object> _values = [];
    private readonly Dictionary<string, string> _sources = [];
    private readonly bool _isOwnAutoCreate;

    /// <summary>Resolves every option.</summary>
    /// <param name="process">What this process set, as text by name.</param>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="stored">What the store keeps, as text by name.</param>
    /// <exception cref="UsageException"><c>InvalidOption</c>: a value cannot be read.</exception>
    public UsageOptions(
        IReadOnlyDictionary<string, string> process, Func<string, string?> environment, IReadOnlyDictionary<string, string> stored)
    {
        foreach (OptionDefinition option in OptionDefinition.All)
        {
            (string text, string source) =
                process.TryGetValue(option.Name, out string? own) ? (own, "this process")
                : environment(option.EnvironmentVariable) is { Length: > 0 } variable ? (variable, $"environment variable {option.EnvironmentVariable}")
                : stored.TryGetValue(option.Name, out string? kept) ? (kept, "the store")
                : (option.Default, "default");
            _values[option.Name] = option.Read(text, source);
            _sources[option.Name] = source;
        }

        OptionDefinition autoCreate = OptionDefinition.Get(nameof(AutoCreateCustomer));
        _isOwnAutoCreate = process.ContainsKey(autoCreate.Name) || environment(autoCreate.EnvironmentVariable) is { Length: > 0 };
    }

    /// <summary>Records that wait before the background stores them at once.</summary>
    public int BatchSize => (int)_values[nameof(BatchSize)];

    /// <summary>How long a record waits at most before the background stores it.</summary>
    public TimeSpan BatchTimeout => (TimeSpan)_values[nameof(BatchTimeout)];

    /// <summary>Percent of a quota at which a warning is raised.</summary>
    public decimal AlertWarning => (decimal)_values[nameof(AlertWarning)];

    /// <summary>Percent of a quota at which usage is critical.</summary>
    public decimal AlertCritical => (decimal)_values[nameof(AlertCritical)];

    /// <summary>Percent of a quota at which it is exceeded.</summary>
    public decimal AlertExceeded => (decimal)_values[nameof(AlertExceeded)];

    /// <summary>The zone that cuts hours, days and months, and in which clock times without an offset are read.</summary>
    public TimeZoneInfo TimeZone => (TimeZoneInfo)_values[nameof(TimeZone)];

    /// <summary>Whether the first usage of a customer creates it.</summary>
    public bool AutoCreateCustomer => (bool)_values[nameof(AutoCreateCustomer)];

    /// <summary>What a record survives once it was added.</summary>
    public Durability Durability => (Durability)_values[nameof(Durability)];

    /// <summary>Bytes that a process's queue may take on disk.</summary>
    public long QueueLimit => (long)_values[nameof(QueueLimit)];

    /// <summary>What happens to a record that comes when they are taken.</summary>
    public FullAction QueueFullAction => (FullAction)_values[nameof(QueueFullAction)];

    /// <summary>How long it waits for room.</summary>
    public TimeSpan QueueFullTimeout => (TimeSpan)_values[nameof(QueueFullTimeout)];

    /// <summary>Where each value came from.</summary>
    public IReadOnlyDictionary<string, string> Sources => _sources;

    /// <summary>The three percentages together.</summary>
    public AlertThresholds Thresholds => new(AlertWarning, AlertCritical, AlertExceeded);

    // A queue may find its store before its options were read: then the store knows best.
    internal QueueSettings ForQueue => new(BatchSize, BatchTimeout, _isOwnAutoCreate ? AutoCreateCustomer : null)
    {
        Durability = Durability,
        Limit = QueueLimit,
        FullAction = QueueFullAction,
        FullTimeout = QueueFullTimeout,
    };
}
