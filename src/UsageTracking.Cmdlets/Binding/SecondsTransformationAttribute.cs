using System.Globalization;
using System.Management.Automation;

namespace UsageTracking.Cmdlets.Binding;

/// <summary>A number means seconds; PowerShell itself would take a whole number for ticks and text without colons for days.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecondsTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return Read(Unwrap.Base(inputData));
        }
        catch (UsageException error)
        {
            throw new ArgumentTransformationMetadataException(error.Message, error);
        }
    }

    /// <summary>Reads a span, seconds as a number of any type, or text of either.</summary>
    /// <exception cref="UsageException"><c>InvalidTimeSpan</c>.</exception>
    internal static TimeSpan Read(object? value)
    {
        if (value is TimeSpan span)
            return span;

        string text = Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal seconds) && Math.Abs(seconds) < (decimal)TimeSpan.MaxValue.TotalSeconds)
            return TimeSpan.FromTicks((long)(seconds * TimeSpan.TicksPerSecond));

        return TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out span)
            ? span
            : throw new UsageException(UsageErrorKind.InvalidInput, "InvalidTimeSpan",
                $"'{text}' is no time span. Give seconds, such as 30, or a span, such as '00:00:30'.", value);
    }
}
