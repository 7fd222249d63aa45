using System.Management.Automation;
using UsageTracking.Cmdlets.Binding;
using UsageTracking.Cmdlets.Completion;
using UsageTracking.Readings;

namespace UsageTracking.Cmdlets.Commands;

[Cmdlet(VerbsCommon.Add, "UsageReading", SupportsShouldProcess = true, DefaultParameterSetName = ValuesSet)]
[OutputType(typeof(UsageReading))]
public sealed class AddUsageReadingCommand : ReadingCmdlet
{
    private const string ValuesSet = "Values";
    private const string ObjectSet = "Object";

    private Dictionary<string, object?> _given = [];
    private TimeZoneInfo _zone = null!;

    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ObjectSet)]
    [AllowNull]
    public object? InputObject { get; set; }

    [Parameter(Position = 0)]
    [AllowEmptyString]
    [ArgumentCompleter(typeof(ServiceCompleter))]
    public string? Service { get; set; }

    [Parameter]
    [AllowEmptyString]
    public string? Meter { get; set; }

    [Parameter]
    [AllowNull]
    public object? Remaining { get; set; }

    [Parameter]
    [AllowNull]
    public object? Total { get; set; }

    [Parameter]
    [AllowNull]
    public object? RemainingBytes { get; set; }

    [Parameter]
    [AllowNull]
    public object? TotalBytes { get; set; }

    [Parameter]
    [AllowNull]
    public object? Timestamp { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TimeZoneCompleter))]
    public string? TimeZone { get; set; }

    /// <inheritdoc/>
    protected override void OnBegin()
    {
        _zone = ZoneOf(TimeZone);
        _given = MyInvocation.BoundParameters.ToDictionary(p => p.Key, p => (object?)p.Value, StringComparer.Ordinal);
        Prepare();
    }

    /// <inheritdoc/>
    protected override void OnProcess()
    {
        if (ParameterSetName != ObjectSet)
        {
            Add(null);
            return;
        }

        foreach (object? item in Unwrap.Items(InputObject))
            AddItem(item);
    }

    private void AddItem(object? item)
    {
        try
        {
            Add(ItemReader.Check(item));
        }
        catch (UsageException error) when (!EndsTheCall(error))
        {
            WriteItemError(error, item);
        }
    }

    private void Add(object? item)
    {
        ReadingInput input = ReadingReader.Read(item, _given);
        input.CustomerId ??= CallersCustomer;
        MeterReading reading = input.Check(Connection.Catalogue!, _zone, DateTimeOffset.UtcNow);
        if (ShouldProcess(reading.CustomerId, $"record {reading} in {Connection.Store.Address}"))
            Record([reading], _zone);
    }
}
