using System.Management.Automation;
using UsageTracking.Readings;
using UsageTracking.Stores;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>Reads the values of a reading from whatever object comes down the pipeline.</summary>
internal static class ReadingReader
{
    private static readonly (string Name, ReadingKind Kind, bool InBytes)[] Values =
    [
        ("Remaining", ReadingKind.Remaining, false),
        ("Total", ReadingKind.Total, false),
        ("RemainingBytes", ReadingKind.Remaining, true),
        ("TotalBytes", ReadingKind.Total, true),
    ];

    /// <summary>Reads a reading.</summary>
    /// <param name="item">The object; null where there are only parameters.</param>
    /// <param name="given">The parameters that stand on the command line, which win over the object's values.</param>
    /// <exception cref="UsageException">A value is present but unusable.</exception>
    public static ReadingInput Read(object? item, IReadOnlyDictionary<string, object?> given)
    {
        var input = new ReadingInput();
        if (TryGet("CustomerId", out object? customer))
            input.CustomerId = Text(customer, "InvalidCustomerId", "customer id");
        if (TryGet("Service", out object? service))
            input.Service = Text(service, "UnknownService", "service");
        if (TryGet("Meter", out object? meter))
            input.Meter = Text(meter, "InvalidMeter", "meter");
        if (TryGet("Timestamp", out object? time))
            input.Timestamp = TimeInput.From(time);

        // A value on the command line is the value, whatever the object says.
        bool isGiven = Values.Any(v => given.ContainsKey(v.Name));
        foreach ((string name, ReadingKind kind, bool inBytes) in Values)
        {
            if ((!isGiven || given.ContainsKey(name)) && TryGet(name, out object? value))
                input.Put(kind, inBytes, value);
        }

        return input;

        bool TryGet(string name, out object? value)
        {
            if (given.TryGetValue(name, out value))
            {
                value = Unwrap.Base(value);
                return true;
            }

            return item is not null && ItemReader.TryGet(item, name, null, out value);
        }
    }

    // Present but null or empty is a mistake in the data, not a wish for the default.
    private static string Text(object? value, string errorId, string what) => value is null or ""
        ? throw new UsageException(UsageErrorKind.InvalidInput, errorId, $"The {what} is there but empty. Give one, or leave it out for the default.", value)
        : LanguagePrimitives.ConvertTo<string>(value);
}
