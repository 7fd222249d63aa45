# Exports, of the store with a million records that the reports were measured on.

function Measure-Export {
    Disconnect-UsageStore
    Connect-UsageStore -ConnectionString $exported
    $columns = 'recorded_at, service_name, quantity, unit_cost, quantity * unit_cost, metadata'
    $order = 'FROM billing_usage_records ORDER BY recorded_at DESC, usage_id DESC'
    $result = Invoke-Run 'Exports' ([Math]::Min(3, $Runs)) {
        @{
            Csv = Measure-Duration { Export-Usage "$work/x.csv" -CustomerId * -Force }
            CopyCsv = Measure-Duration { Invoke-Psql $exported "\copy (SELECT $columns $order) TO '$work/y.csv' (FORMAT CSV, HEADER)" }
            Ndjson = Measure-Duration { Export-Usage "$work/x.ndjson" -CustomerId * -Force }
            CopyJson = Measure-Duration { Invoke-Psql $exported "\copy (SELECT row_to_json(r) FROM (SELECT $columns $order) r) TO '$work/y.json'" }
            Xlsx = Measure-Duration { Export-Usage "$work/x.xlsx" -CustomerId customer-1 -Force }
            CsvOne = Measure-Duration { Export-Usage "$work/x1.csv" -CustomerId customer-1 -Force }
        }
    }
    Write-Table 'Exports' 'Time' @(
        Get-Line 'Export-Usage CSV, 1,000,000 records' $result Csv CopyCsv 'psql \copy csv' -Seconds
        Get-Line 'Export-Usage NDJSON, 1,000,000 records' $result Ndjson CopyJson 'psql \copy of row_to_json' -Seconds
        Get-Line 'Export-Usage XLSX, 100,000 records' $result Xlsx CsvOne 'our CSV of the same' -Seconds
    ) 'The first export of a process takes longer than these: it is compiled on the way.'
}
