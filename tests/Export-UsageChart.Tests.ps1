BeforeDiscovery { . $PSScriptRoot/Common.ps1 }
BeforeAll {
    . $PSScriptRoot/Common.ps1
    . $PSScriptRoot/ChartSamples.ps1
}

Describe 'Export-UsageChart' {
    BeforeAll {
        $burndown = Get-SampleBurndown
        $folder = (New-Item -ItemType Directory "$TestDrive/charts").FullName
    }
    BeforeEach {
        Remove-Item "$folder/*" -Recurse -Force
        Push-Location $folder
    }
    AfterEach { Pop-Location }

    It 'writes an SVG' {
        $file = $burndown | Export-UsageChart chart.svg
        $file | Should -BeOfType System.IO.FileInfo
        $file.FullName | Should -Be (Join-Path $folder chart.svg)
        $svg = [xml] (Get-Content $file -Raw)
        $svg.DocumentElement.LocalName | Should -Be svg
        $svg.svg.title | Should -Be 'bandwidth: what is left'
        $svg.svg.desc | Should -Be 'bandwidth: what is left. home, June 2014, 186 of 300 GB left, 19 GB behind target.'
    }

    It 'writes a page with a table' {
        $file = $burndown | Export-UsageChart -Path page.html
        $html = Get-Content $file -Raw
        $html | Should -BeLike '<!DOCTYPE html>*'
        $page = [xml] ($html -replace '^<!DOCTYPE html>')
        $page.html.body.section.div.table.tbody.tr.Count | Should -Be 30
        $page.html.body.section.div.table.tbody.tr[0].td | Should -Be '290', '288', '', '', ''
        $page.html.head.title | Should -Be 'bandwidth: what is left'
        ($burndown | Export-UsageChart page.htm).Length | Should -Be $file.Length
        ($burndown | Export-UsageChart PAGE2.HTML).Length | Should -Be $file.Length
    }

    It 'needs nothing from anywhere, and runs nothing' {
        foreach ($name in 'a.svg', 'a.html') {
            $text = Get-Content ($burndown | Export-UsageChart $name) -Raw
            $text -replace 'http://www\.w3\.org/2000/svg' | Should -Not -Match '://|<script|<link|url\(|@import|\bon\w+='
        }
        Get-Content a.html -Raw | Should -Match "default-src 'none'; style-src 'unsafe-inline'"
    }

    It 'puts all charts of all reports below each other' {
        $all = @($burndown) + @(Get-SampleTrend) + @(Get-SampleMeasure -Kind Hourly -Count 5)
        $svg = [xml] (Get-Content ($all | Export-UsageChart all.svg -Title 'All <of> it') -Raw)
        $svg.svg.svg.Count | Should -Be 4
        $svg.svg.title | Should -Be 'All <of> it'
        $page = [xml] ((Get-Content ($all | Export-UsageChart all.html -Title 'All <of> it') -Raw) -replace '^<!DOCTYPE html>')
        $page.html.body.section.Count | Should -Be 4
        $page.html.body.h1 | Should -Be 'All <of> it'
        (Export-UsageChart one.svg -InputObject $burndown -Title Mine | Get-Content -Raw) | Should -Match '<title>Mine</title>'
    }

    It 'lets text be text' {
        $nasty = Get-SampleBurndown -CustomerId '<script>alert(1)</script>&amp;' -Unit '<b>'
        foreach ($name in 'nasty.svg', 'nasty.html') {
            $text = Get-Content ($nasty | Export-UsageChart $name) -Raw
            $text | Should -Not -Match '<script|<b>'
            $text | Should -Match '&lt;script&gt;alert\(1\)&lt;/script&gt;&amp;amp;'
        }
    }

    It 'does not replace a file without -Force' {
        Set-Content chart.svg old
        { $burndown | Export-UsageChart chart.svg } | Should -Throw -ErrorId 'FileExists,*'
        Get-Content chart.svg | Should -Be old
        $burndown | Export-UsageChart chart.svg -Force | Should -Not -BeNullOrEmpty
        Get-Content chart.svg -Raw | Should -Match '<svg'
        (Get-ChildItem -Force).Name | Should -Be chart.svg
    }

    It 'takes a path of the session: relative, of a drive, with brackets' {
        $null = New-PSDrive charts FileSystem $folder
        ($burndown | Export-UsageChart charts:/drive.svg).FullName | Should -Be (Join-Path $folder drive.svg)
        $null = New-Item -ItemType Directory sub
        Set-Location sub
        ($burndown | Export-UsageChart ../up.svg).FullName | Should -Be (Join-Path $folder up.svg)
        # Brackets are no wildcards here.
        ($burndown | Export-UsageChart './a[1].svg').Name | Should -Be 'a[1].svg'
        { $burndown | Export-UsageChart Env:/chart.svg } | Should -Throw -ErrorId 'NotAFile,*'
        { $burndown | Export-UsageChart no/such/chart.svg } | Should -Throw -ErrorId 'FolderNotFound,*'
        $null = New-Item -ItemType Directory folder.svg
        { $burndown | Export-UsageChart folder.svg -Force } | Should -Throw -ErrorId 'NotAFile,*'
    }

    It 'says which formats there are' {
        { $burndown | Export-UsageChart chart.png } | Should -Throw -ErrorId 'UnknownFormat,*' -ExpectedMessage '*.svg, .html or .htm*'
        { $burndown | Export-UsageChart chart } | Should -Throw -ErrorId 'UnknownFormat,*'
        Get-ChildItem | Should -BeNullOrEmpty
    }

    It 'says what it cannot draw, and draws the rest' {
        $file = @('text') + $burndown | Export-UsageChart chart.svg -ErrorVariable problem -ErrorAction SilentlyContinue
        $file.Name | Should -Be chart.svg
        $problem.FullyQualifiedErrorId | Should -Be 'NotAReport,UsageTracking.Cmdlets.Commands.ExportUsageChartCommand'
        { @() | Export-UsageChart none.svg } | Should -Throw -ErrorId 'NothingToShow,*'
        Test-Path none.svg | Should -BeFalse
    }

    It 'writes nothing with -WhatIf' {
        Get-HostText { $burndown | Export-UsageChart chart.svg -WhatIf } | Should -Match 'write 1 chart'
        Get-ChildItem | Should -BeNullOrEmpty
    }

    It 'gives the same file for the same figures, whatever the culture' {
        $first = Get-FileHash ($burndown | Export-UsageChart 1.html)
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'de-DE'
            $second = Get-FileHash ($burndown | Sort-Object Date -Descending | Export-UsageChart 2.html)
        }
        finally { [cultureinfo]::CurrentCulture = $culture }
        $second.Hash | Should -Be $first.Hash
    }
}
