# The shipped rules for mawk: counts, pairs by key with the times of their starts, sums. Prints "rule name count".
function after(text) {
    match($0, text)
    split(substr($0, RSTART + RLENGTH), word, /[ \/]/)
    return word[1]
}
/Unknown workflow stage/ { stage++ }
/Job data missing required field: stage/ { missing++ }
/PROCESSOR ERROR.*background_image_processing/ { error++ }
/[Ff]oreign key constraint violat|violates foreign key constraint|FOREIGN KEY constraint failed/ { foreign++ }
/PROCESSOR TRIGGERED for background_image_processing job / {
    job = after("background_image_processing job ")
    jobs[job] = $1
    if (job in queue) { dequeued++; delete queue[job] }
}
/Completed background_image_processing job [^ ]+ in [0-9]+ms/ {
    job = after("background_image_processing job ")
    if (job in jobs) { completed++; ended[jobs[job]] = $1; delete ended[jobs[job]]; delete jobs[job] }
}
/PROCESSOR ERROR in background_image_processing job [^ ]+ after [0-9]+ms:/ {
    job = after("background_image_processing job ")
    if (job in jobs) { failed++; delete jobs[job] }
}
/Job added to background-image-processing with ID: / { queued++; queue[after("with ID: ")] = $1 }
/Starting workflow / { flows++; flow[after("Starting workflow ")] = $1 }
/Completing workflow / {
    name = after("Completing workflow ")
    if (name in flow) { flowed++; delete flow[name] }
}
/processBackgroundImageProcessing - Starting/ { starting++ }
/Background image processing completed/ { run++ }
/Background image processing failed/ { lost++ }
/skipping background image processing/ { skipped++ }
/ASYNC MODE: Queueing image processing in background/ { step1++ }
/Background image processing job queued successfully/ { step2++ }
/Fetching product drafts from database/ { step3++ }
/Processing [0-9]+ product drafts? for images/ { step4++ }
/Created image review session/ { step5++ }
/- Images found for: [0-9]+ products?/ { found += after("- Images found for: ") }
/- Processed: [0-9]+\/[0-9]+ drafts?/ { drafts += after("- Processed: ") }
/Manual image upload for purchase order / { manual++ }
END {
    print "unknown-workflow-stage matches", stage + 0
    print "background-image-processor-error matches", error + 0
    print "background-job completed", completed + 0
    print "background-job-queued started", queued + 0
    print "background-job-queued completed", dequeued + 0
    print "workflow started", flows + 0
    print "workflow completed", flowed + 0
    print "background-image-run started", starting + 0
    print "background-image-run completed", run + 0
    print "image-attachment numerator", found + 0
    print "image-attachment denominator", drafts + 0
}
