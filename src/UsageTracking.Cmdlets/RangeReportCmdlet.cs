using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Time;

namespace UsageTracking.Cmdlets;

/// <summary>A report on a range from -Start to -End.</summary>
public abstract class RangeReportCmdlet : ReportCmdlet
{
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("From")]
    [ValidateNotNull]
    public virtual object? Start { get; set; }

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true)]
    [Alias("To")]
    [ValidateNotNull]
    public virtual object? End { get; set; }

    /// <summary>The range where none was given.</summary>
    protected abstract TimeRange DefaultRange(DateTimeOffset now, TimeZoneInfo zone);

    /// <inheritdoc/>
    protected sealed override TimeRange ReadRange(DateTimeOffset now, TimeZoneInfo zone)
    {
        return TimeRange.Between(Input(Start), Input(End), DefaultRange(now, zone), zone);

        static TimeInput? Input(object? value) => value is null ? null : TimeInput.From(Unwrap.Base(value));
    }
}
